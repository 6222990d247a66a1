import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A TCP proxy that breaks each connection after so many bytes, in both directions together: in the midst of a frame, or of the upgrade. */
export class CuttingProxy {
  cuts = 0;
  readonly #server = createServer(socket => this.#join(socket));
  readonly #target: number;
  readonly #bytes: () => number;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number, bytes: () => number) {
    this.#target = target;
    this.#bytes = bytes;
  }

  /** `bytes` is asked at each connection. */
  static async start(target: number, bytes: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, bytes);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    let left = this.#bytes();
    const end = () => {
      client.destroy();
      server.destroy();
    };
    const pass = (from: Socket, to: Socket) => {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', chunk => {
        if (left <= 0) return;
        to.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left > 0) return;
        this.cuts += 1;
        // What was passed on arrives; nothing after it does.
        client.end();
        server.end();
        setImmediate(end);
      });
      from.on('error', end);
      from.on('close', () => {
        this.#sockets.delete(from);
        end();
      });
    };
    pass(client, server);
    pass(server, client);
  }
}
