import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a server that is longer than the loopback. */
export interface DelayProxy {
  readonly port: number;
  close(): Promise<void>;
}

export interface DelayOptions {
  /** Added to every round trip. */
  readonly roundTripMs: number;
  /** Added to every round trip besides, at random up to this. */
  readonly jitterMs: number;
}

/**
 * Passes TCP on with a delay, half of it in each direction. As on a real line a packet never overtakes another; unlike there the delays
 * repeat from run to run.
 */
export async function startDelayProxy(toPort: number, { roundTripMs, jitterMs }: DelayOptions): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const random = repeatable();
  const delayMs = () => (roundTripMs + random() * jitterMs) / 2;
  const server = createServer({ noDelay: true }, near => {
    const far = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
    pass(near, far, delayMs);
    pass(far, near, delayMs);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function pass(from: Socket, to: Socket, delayMs: () => number): void {
  const waiting: (() => void)[] = [];
  let lastAtMs = 0;
  const later = (act: () => void): void => {
    waiting.push(act);
    lastAtMs = Math.max(lastAtMs, performance.now() + delayMs());
    // Timers that end within one millisecond run in any order: whichever comes passes on what has waited longest.
    setTimeout(() => waiting.shift()!(), lastAtMs - performance.now());
  };
  from.on('data', data => later(() => to.write(data)));
  from.once('close', () => later(() => to.destroy()));
  from.on('error', () => {}); // its `close` tells the other side
}

/** Numbers from 0 to 1 that look random, the same in every run (a linear congruential generator). */
function repeatable(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
