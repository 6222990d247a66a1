import { interleave, median, p50Us, ratio } from './figures.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Ways } from './ways.ts';

const CALLS = 600;

/** One call after the other: what a caller waits. */
export async function calls(ways: Ways, rounds: number): Promise<Row[]> {
  const us = await interleave(rounds, {
    echo: () => p50Us(CALLS, () => ways.echo('small')),
    rope: () => p50Us(CALLS, () => ways.rope('small')),
    socketIo: () => p50Us(CALLS, () => ways.socketIo('small')),
    capnweb: () => p50Us(CALLS, () => ways.capnweb('small')),
    grpc: () => p50Us(CALLS / 4, () => ways.grpc('small')),
  });
  const against = (name: Exclude<keyof typeof us, 'rope'>, title: string, atMost: number): Row => ({
    measure: `call p50, 0.4 KB, 1 in flight ÷ ${title}`,
    measured: `${digits(median(us.rope))} µs, ${title} ${digits(median(us[name]))} µs`,
    value: ratio(us.rope, us[name]),
    target: { atMost },
  });
  return [against('echo', 'bare echo', 1.4), against('socketIo', 'socket.io', 1), against('capnweb', 'capnweb', 1), against('grpc', 'grpc-js', 1)];
}
