import net from 'node:net';
import { StepError } from './step.mjs';

/**
 * Reads PORT, and throws `StepError` when somebody answers there. Both loopback addresses are asked: a browser that is
 * told `localhost` takes whichever answers, and would show a stranger's page.
 */
export async function freePort(env = process.env, fallback = 3000) {
  const port = Number(env.PORT || fallback);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StepError(`PORT is "${env.PORT}", and must be a number from 1 to 65535.`);
  }
  const answers = await Promise.all(['127.0.0.1', '::1'].map(host => isAnswered(host, port)));
  if (answers.includes(true)) {
    throw new StepError(`Port ${port} is taken, perhaps by another npm start.`, {
      remedy: `End that program, or take another port:  PORT=${port === 65_535 ? 3001 : port + 1} npm start`,
    });
  }
  return port;
}

function isAnswered(host, port) {
  return new Promise(resolve => {
    const socket = net.connect({ host, port });
    const done = answered => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.setTimeout(1_000, () => done(false));
  });
}
