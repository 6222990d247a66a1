import { startServer, type ServerOptions } from './server.ts';

/**
 * Runs the server as a process: PORT and HOST come from the environment, one line with the URL is printed when it is
 * ready, SIGINT and SIGTERM end it. `destroy` is called last.
 */
export async function runServer(options: ServerOptions, destroy: () => Promise<void> | void = () => {}): Promise<void> {
  const port = Number(process.env.PORT || 3000);
  try {
    const server = await startServer({ port, host: process.env.HOST, ...options });
    console.log(`The call is at http://localhost:${server.port}`);
    const stop = async () => {
      await server.close();
      await destroy();
      process.exitCode = 0;
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    console.error(taken ? `Port ${port} is taken. Choose another one: PORT=${port + 1}` : error);
    await destroy();
    process.exitCode = 1;
  }
}
