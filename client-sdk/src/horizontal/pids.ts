// The highest pid_max that Linux allows on 64 bits (2^22, proc(5)): no process has a number above it.
const HIGHEST_PID = 4_194_304;

/** Numbers for the workers of many machines, where pids repeat and apps key their maps by them. */
export class Pids {
  readonly #taken = new Set<number>();
  #standIn = HIGHEST_PID;

  /** The pid itself while no other worker has it, else a number above the kernel's maximum that stands for it. */
  take(pid: number): number {
    let number = pid;
    while (this.#taken.has(number)) number = ++this.#standIn;
    this.#taken.add(number);
    return number;
  }

  /** The worker is gone. */
  release(number: number): void {
    this.#taken.delete(number);
  }
}
