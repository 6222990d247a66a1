import { interleave, median, perSecond, ratio } from './figures.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Ways } from './ways.ts';

const AT_ONCE = 256;

/** Many calls at once: what a link carries. */
export async function rates(ways: Ways, rounds: number): Promise<Row[]> {
  const rates = await interleave(rounds, {
    echo: () => perSecond(15_000, AT_ONCE, () => ways.echo('small')),
    rope: () => perSecond(30_000, AT_ONCE, () => ways.rope('small')),
    socketIo: () => perSecond(10_000, AT_ONCE, () => ways.socketIo('small')),
    capnweb: () => perSecond(5_000, AT_ONCE, () => ways.capnweb('small')),
    ropeLarge: () => perSecond(5_000, AT_ONCE, () => ways.rope('large')),
    socketIoLarge: () => perSecond(5_000, AT_ONCE, () => ways.socketIo('large')),
  });
  type Name = keyof typeof rates;
  const against = (size: string, mine: Name, name: Name, title: string, atLeast: number): Row => ({
    measure: `calls/s, ${size}, ${AT_ONCE} in flight ÷ ${title}`,
    measured: `${digits(median(rates[mine]))}/s, ${title} ${digits(median(rates[name]))}/s`,
    value: ratio(rates[mine], rates[name]),
    target: { atLeast },
  });
  return [
    against('0.4 KB', 'rope', 'echo', 'bare echo', 2.5),
    against('0.4 KB', 'rope', 'socketIo', 'socket.io', 4),
    against('0.4 KB', 'rope', 'capnweb', 'capnweb', 10),
    against('7 KB', 'ropeLarge', 'socketIoLarge', 'socket.io', 0.9),
  ];
}
