/** How a bench is run: its options, the other processes, which core each is on. */
import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What `npm run bench -- rope` was asked for. */
export interface Run {
  /** So many measured rounds, after one to warm up. */
  readonly rounds: number;
  /** Keep this process on one core and the others on the other; absent: as each table asks. */
  readonly pin: boolean | undefined;
  /** Sections whose names begin so. */
  readonly only: string | undefined;
}

/** Reads the command line. */
export function readRun(args: readonly string[], defaultRounds: number): Run {
  const valueOf = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const rounds = Number(valueOf('--rounds') ?? defaultRounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError('--rounds must be a whole number from 1 on');
  return { rounds, pin: args.includes('--pin') ? true : args.includes('--no-pin') ? false : undefined, only: valueOf('--only') };
}

type Command = (given: never) => unknown;

/** Commands of a peer, by name; each answers with what can be sent as JSON. */
export type Commands = Readonly<Record<string, Command>>;

interface Asked { readonly id: number; readonly command: string; readonly given: unknown }
interface Answered { readonly id: number; readonly result?: unknown; readonly error?: string }

/** To be called in a peer: does what the bench asks, and ends with it. */
export function serve(commands: Commands): void {
  const all: Commands = { ...commands, cpuUs };
  process.on('disconnect', () => process.exit());
  process.on('message', ({ id, command, given }: Asked) => {
    // A command that throws is the bench's to tell of.
    void Promise.resolve().then(() => all[command]!(given as never)).then(
      result => process.send!({ id, result } satisfies Answered),
      (error: Error) => process.send!({ id, error: error.stack ?? error.message } satisfies Answered),
    );
  });
}

/** What this process has taken of the processors so far: user and system time, all threads. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Another process of the bench. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answered) => void>();
  #last = 0;

  /** @param file in `bench/rope/peers` */
  constructor(file: string, execArgv: readonly string[] = []) {
    this.#child = fork(fileURLToPath(new URL(`peers/${file}.ts`, import.meta.url)), { execArgv: [...process.execArgv.filter(flag => !flag.startsWith('--cpu-prof')), ...execArgv] });
    this.#child.on('message', (answer: Answered) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.on('exit', code => {
      for (const settle of this.#waiting.values()) settle({ id: 0, error: `the peer ${file} has ended with code ${code}` });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Has a command done; resolves with its result. */
  ask<Result>(command: string, given: unknown = null): Promise<Result> {
    const id = (this.#last += 1);
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result as Result) : reject(new Error(error))));
      this.#child.send({ id, command, given } satisfies Asked);
    });
  }

  /** As `cpuUs()`, over there. */
  cpuUs(): Promise<number> {
    return this.ask('cpuUs');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}

/** Keeps this process on the first core and the others on the second, until `free()`: the scheduler's moods aside. */
export function pin(others: readonly number[]): void {
  onCores(process.pid, '0');
  for (const pid of others) onCores(pid, '1');
}

/** Takes `pin()` back. */
export function free(others: readonly number[]): void {
  for (const pid of [process.pid, ...others]) onCores(pid, '0,1');
}

function onCores(pid: number, cores: string): void {
  execFileSync('taskset', ['-cp', cores, String(pid)], { stdio: 'ignore' });
}
