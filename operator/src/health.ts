import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Registry } from 'prom-client';

/** What the health server asks. */
export interface HealthChecks {
  /** What keeps the operator from working; empty when nothing does. */
  notReadyBecause: () => string[];
  registry: Registry;
}

/**
 * `/livez`, `/readyz` and `/metrics` on one port.
 *
 * Alive means that this process answers: a lost API server doesn't make it dead, since a restart would not bring that back. Ready means
 * that it has seen the whole cluster once; it stays ready while the API server is away, and goes on from what it knows.
 */
export class HealthServer {
  readonly #server: Server;

  constructor(checks: HealthChecks) {
    this.#server = createServer((request, response) => {
      const path = request.url?.split('?', 1)[0];
      if (path === '/livez') return answer(response, 200, 'ok\n');
      if (path === '/readyz') {
        const reasons = checks.notReadyBecause();
        return answer(response, reasons.length === 0 ? 200 : 503, `${reasons.length === 0 ? 'ok' : reasons.join('\n')}\n`);
      }
      if (path === '/metrics') return void answerMetrics(response, checks.registry);
      answer(response, 404, 'there are /livez, /readyz and /metrics\n');
    });
  }

  /** Resolves to the port, once it listens; rejects when that can't be. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends it, and connections that are kept open with it. Safe twice. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => { this.#server.close(() => resolve()); });
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answerMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    answer(response, 200, await registry.metrics(), registry.contentType);
  } catch (error) {
    answer(response, 500, `${(error as Error).message}\n`);
  }
}

function answer(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
}
