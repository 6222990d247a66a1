import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../../../tools/steps/program.mjs';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What a node answers at `/status`, as far as the tests look. */
export interface NodeStatus {
  sessions: number;
  workers: {
    pid: number;
    routers: {
      id: string;
      transports: {
        type: string;
        iceState?: string;
        producers: { id: string; kind: string }[];
        consumers: { id: string; producerId: string; kind: string }[];
        dataProducers: { id: string }[];
        dataConsumers: { id: string; dataProducerId: string }[];
      }[];
    }[];
  }[];
}

/** A media node as `npm start` runs it: the real executable, in a process of its own. */
export interface LocalNode {
  readonly name: string;
  readonly url: string;
  readonly program: Program;
  /** What it wrote. */
  readonly lines: string[];
  status(): Promise<NodeStatus>;
}

/** `port`: where a node that is started again stood before. */
export async function startLocalNode(name: string, { port = 0, leaseMs = 30_000 } = {}): Promise<LocalNode> {
  const lines: string[] = [];
  const program = await startProgram({
    node: process.execPath,
    name,
    script: here('../../../media-node/dist/cli/mediasoup-server.js'),
    args: ['--node-name', name, '--port', String(port), '--admin-port', '0', '--webrtc-server', 'auto', '--lease-ms', String(leaseMs), '--log-level', 'warn'],
    env: process.env,
    ready: /(ws:\/\/[^\s)]+).*(http:\/\/[^\s)]+)/,
    onLine: line => lines.push(line),
  });
  const [, url = '', adminUrl = ''] = program.match;
  return { name, url, program, lines, status: async () => (await (await fetch(`${adminUrl}/status`)).json()) as NodeStatus };
}

export interface LocalApp {
  readonly url: string;
  readonly program: Program;
  readonly lines: string[];
}

/** The call's server in a process of its own, on the nodes at `urls`. */
export async function startLocalApp(urls: string[], { port = 0 } = {}): Promise<LocalApp> {
  const lines: string[] = [];
  const program = await startProgram({
    node: process.execPath,
    name: 'the call',
    script: here('../main.ts'),
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', MEDIACLUSTER_URLS: urls.join(',') },
    ready: /http:\/\/\S+/,
    onLine: line => lines.push(line),
  });
  return { url: program.match[0], program, lines };
}

/** Asks until the answer is as wanted; the last answer is in the error. For what other processes do in their own time. */
export async function until<T>(what: string, ask: () => Promise<T>, wanted: (answer: T) => boolean, timeoutMs = 20_000): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > endMs) throw new Error(`${what} did not come within ${timeoutMs} ms: ${JSON.stringify(answer)}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
