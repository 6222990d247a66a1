import { type RunningServer, type ServerOptions, startServer } from './server.ts';

/** Where a process takes its mediasoup from, and what it does with it in the end. */
export interface Backend {
  /** Tried again and again until it resolves: nodes may come later than the app. */
  connect(): Promise<ServerOptions>;
  destroy?(): void | Promise<void>;
}

const RETRY_MS = 1_000;

/** Runs the server as a process: PORT and HOST say where; one line with the URL when it is ready; SIGINT and SIGTERM end it. */
export async function runServer({ connect, destroy }: Backend): Promise<void> {
  const port = Number(process.env.PORT || 3000);
  let server: RunningServer | undefined;
  // Listened for from the start on: in a container, as process 1, a signal without a listener is no signal.
  const end = async (): Promise<void> => {
    await server?.close();
    await destroy?.();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
  try {
    server = await startServer({ port, host: process.env.HOST, ...(await connected(connect)) });
    console.log(`The call is at http://localhost:${server.port}`);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    console.error(taken ? `Port ${port} is taken. Choose another one: PORT=${port + 1}` : error);
    await destroy?.();
    process.exit(1);
  }
}

/** The codes of an error and of what caused it, for whoever looks one up in docs/errors.md. */
function codesOf(error: Error): string[] {
  const { code, cause } = error as Error & { code?: string };
  return [...(code ? [`[${code}]`] : []), ...(cause instanceof Error ? codesOf(cause) : [])];
}

async function connected(connect: Backend['connect']): Promise<ServerOptions> {
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      console.error(error instanceof Error ? [error.message, ...codesOf(error)].join(' ') : error);
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }
}
