import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../dist/cli/mediasoup-server.js', import.meta.url));

/** A `mediasoup-server` as a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adminUrl: string;
  status(): Promise<{ sessions: number; workers: { pid: number; routers: { id: string; transports: unknown[] }[] }[] }>;
  /** Ends it with a signal, and resolves with its exit code (null when the signal ended it). */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs the executable until it ends by itself. */
export async function runServer(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text; });
  const [code] = await once(child, 'close') as [number];
  return { code, stdout, stderr };
}

/** Starts the executable on free ports and resolves when it has printed its line. */
export async function startServer(...args: string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [PROGRAM, '--port', '0', '--admin-port', '0', '--log-level', 'warn', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line') as [string];
  const url = /wss?:\/\/\S+/.exec(line)![0];
  const adminUrl = /http:\/\/[^\s)]+/.exec(line)![0];
  return {
    child,
    url,
    adminUrl,
    status: async () => (await fetch(`${adminUrl}/status`)).json() as never,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      const [code] = await exited as [number | null];
      return code;
    },
  };
}

/** The processes below another one. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc').filter(entry => /^\d+$/.test(entry)).filter(entry => {
    try {
      return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'))?.[1]) === pid;
    } catch {
      return false;
    }
  }).map(Number);
}

/** Whether a process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Runs an empty program behind the SDK's preload until it ends. */
export async function runRegister(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, ['--import', '@mediacluster/sdk/register', '--eval', ''], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text; });
  const [code] = await once(child, 'close') as [number];
  return { code, stderr };
}
