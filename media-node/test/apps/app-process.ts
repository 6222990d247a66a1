import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One of the apps beside this file, as a process of its own. */
export class AppProcess {
  readonly #app: string;
  readonly #child: ChildProcess;
  readonly #messages: AsyncIterator<unknown[]>;

  constructor(app: `${string}.mjs`, ...args: readonly string[]) {
    this.#app = app;
    // Without the flags of Jest's own process.
    this.#child = fork(fileURLToPath(new URL(app, import.meta.url)), args, { execArgv: [] });
    this.#messages = on(this.#child, 'message', { close: ['exit'] });
  }

  /** What it says next. Rejects when it ends before. */
  async said(): Promise<unknown> {
    const { done, value } = await this.#messages.next();
    if (done) throw new Error(`${this.#app} has ended by itself`);
    return value[0];
  }

  /** Lets it do something, and resolves with its answer. */
  async ask<Answer>(ask: string, params: object = {}): Promise<Answer> {
    const answered = this.said();
    this.#child.send({ ask, ...params });
    return ((await answered) as { answer: Answer }).answer;
  }

  /** Ends it as the kernel does when memory is short: it has no say in it. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
