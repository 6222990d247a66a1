// A way to a server that is longer than the loopback, and that breaks: for tests, benches and soaks. Types: tcp-proxy.d.mts.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Listens on a free port of the loopback and passes TCP on to `to` (a port of 127.0.0.1, or a URL). As on a real line nothing overtakes
 * what came before; unlike there, delays and cuts repeat from run to run when `random` does.
 */
export async function startTcpProxy(to, { roundTripMs = 0, jitterMs = 0, random = repeatable(1) } = {}) {
  const target = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { host: new URL(to).hostname, port: Number(new URL(to).port) };
  const lines = new Set();
  let untilCut = Infinity;
  let cuts = 0;
  const delayMs = () => (roundTripMs + random() * jitterMs) / 2;

  /** Both sides get what is on its way up to the cut, if `gently`; else a reset, which takes along what they have not read. */
  const cut = gently => {
    untilCut = Infinity;
    if (lines.size > 0) cuts += 1;
    for (const sockets of lines) {
      for (const socket of sockets) {
        if (gently) socket.destroySoon();
        else socket.resetAndDestroy();
      }
    }
    lines.clear();
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, near => {
    const far = connect({ ...target, noDelay: true, allowHalfOpen: true });
    const line = [near, far];
    lines.add(line);
    const pass = (from, to) => {
      const later = inOrder(delayMs);
      const write = chunk => {
        if (!lines.has(line)) return;
        if (chunk.length >= untilCut) {
          to.write(chunk.subarray(0, untilCut));
          return cut(true);
        }
        untilCut -= chunk.length;
        if (to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      };
      from.on('data', chunk => later(() => write(chunk)));
      from.once('end', () => later(() => to.end()));
      from.once('close', () => {
        later(() => {
          lines.delete(line);
          to.destroySoon();
        });
      });
      from.on('error', () => {}); // its `close` tells the other side
    };
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    get cuts() {
      return cuts;
    },
    cut: () => cut(false),
    cutAfter: bytes => {
      untilCut = bytes;
    },
    async close() {
      server.close();
      cut(false);
      await once(server, 'close');
    },
  };
}

/** Numbers from 0 to 1 that look random, the same for the same seed (a linear congruential generator). */
export function repeatable(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Acts after a while, and never before what was asked earlier. */
function inOrder(delayMs) {
  const waiting = [];
  let lastAtMs = 0;
  return act => {
    const ms = delayMs();
    if (ms === 0) return act();
    waiting.push(act);
    lastAtMs = Math.max(lastAtMs, performance.now() + ms);
    // Timers that end within one millisecond run in any order: whichever comes acts for what has waited longest.
    setTimeout(() => waiting.shift()(), lastAtMs - performance.now());
  };
}
