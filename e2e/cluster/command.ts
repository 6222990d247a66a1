// Runs programs to their end and hands back what they said. What stays running is in daemon.ts.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program ended with another exit code than 0, or could not be started. Its message holds the last lines of stderr. */
export class CommandError extends Error {
  readonly code = 'E2E_COMMAND';
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: string, args: readonly string[], exitCode: number | undefined, stderr: string, cause?: unknown) {
    const how = exitCode === undefined ? 'did not end by itself' : `ended with ${exitCode}`;
    super(`${command} ${args.slice(0, 6).join(' ')} ${how}\n${stderr.trimEnd().split('\n').slice(-15).join('\n')}`, { cause });
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** What a command may be given besides its arguments. */
export interface CommandOptions {
  /** Written to its standard input, which is empty otherwise. */
  input?: string;
  cwd?: string;
  /** Added to the environment of this process; `undefined` takes a variable out. */
  env?: Record<string, string | undefined>;
  /** Ends the program with SIGKILL. */
  signal?: AbortSignal;
  /** Hears each line of stderr as it comes; nothing is printed otherwise. */
  onStderrLine?: (line: string) => void;
}

/** Runs a program and resolves with its standard output. Throws {@link CommandError} when it fails. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...options.env }, // sbin: not on the PATH of a shell started by su.
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal && { signal: options.signal, killSignal: 'SIGKILL' as const }),
  });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr = (stderr + text).slice(-65_536); });
  const { onStderrLine } = options;
  if (onStderrLine) createInterface({ input: child.stderr }).on('line', onStderrLine);
  // A program that ends before it has read its input would otherwise end us by EPIPE; its exit code tells more.
  child.stdin.on('error', () => {}).end(options.input ?? '');
  const exitCode = await new Promise<number | undefined>((resolve, reject) => {
    child.on('error', error => reject(new CommandError(command, args, undefined, error.message, error)));
    child.on('close', code => resolve(code ?? undefined));
  });
  if (exitCode !== 0) throw new CommandError(command, args, exitCode, stderr);
  return Buffer.concat(stdout).toString('utf8');
}
