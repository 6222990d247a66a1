import { describe, expect, test } from '@jest/globals';

import { ConnectionLostError, ProtocolError } from '../errors.ts';
import { decodeFrame } from '../protocol/codec.ts';
import type { DataFrame, Message } from '../protocol/message.ts';
import { FakeClock } from '../testing/index.ts';
import { Session } from './session.ts';
import type { Transport } from './transport.ts';

/** A transport that only writes down. */
class Paper implements Transport {
  readonly texts: string[] = [];
  readonly bufferedBytes = 0;
  start(): void {}
  send(text: string): void {
    this.texts.push(text);
  }
  sendAll(texts: readonly string[]): void {
    this.texts.push(...texts);
  }
  close(): void {}
  terminate(): void {}

  frames(): DataFrame[] {
    return this.texts.splice(0).map(text => decodeFrame(text) as DataFrame);
  }
}

function session(offline: 'hold' | 'drop' = 'hold'): { it: Session; clock: FakeClock; paper: Paper; heard: unknown[] } {
  const clock = new FakeClock();
  const heard: unknown[] = [];
  const it = new Session({
    clock, offline, requestTimeoutMs: 1_000,
    handlers: {
      request: message => void heard.push(message),
      notification: message => {
        heard.push(message);
        if (message.method === 'broken') throw new TypeError('no such field');
      },
      failed: error => void heard.push(error),
      error: error => new Error(error.message),
      result: (_, result) => result,
    },
  });
  return { it, clock, paper: new Paper(), heard };
}
const frame = (seq: number, ...messages: Message[]): DataFrame => ({ seq, ack: 0, messages });
const says = (method: string): Message => ({ method, params: {} });
const methods = (frames: DataFrame[]) => frames.map(({ messages }) => messages.map(message => (message as { method: string }).method));

describe('Session', () => {
  test('sends one frame for what one tick says, numbered', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    it.notify('a', {});
    it.notify('b', {});
    void Promise.resolve().then(() => it.notify('c', {}));
    await clock.settle();
    it.notify('d', {});
    await clock.settle();
    const frames = paper.frames();
    expect(frames.map(({ seq }) => seq)).toEqual([1, 4]);
    expect(methods(frames)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('cuts frames at 32 KiB, and gives a long message one of its own', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    for (const length of [10_000, 20_000, 20_000, 100_000, 10, 10]) it.notify('long', { text: 'x'.repeat(length) });
    await clock.settle();
    const frames = paper.frames();
    expect(frames.map(({ seq, messages }) => [seq, messages.length])).toEqual([[1, 2], [3, 1], [4, 1], [5, 2]]);
  });

  test('acknowledges with what it sends, else when asked to', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    it.acknowledge();
    it.receive(frame(1, says('a'), says('b')));
    it.notify('x', {});
    await clock.settle();
    expect(paper.frames()).toEqual([{ seq: 1, ack: 2, messages: [{ method: 'x', params: {} }] }]);
    it.acknowledge();
    expect(paper.texts).toEqual([]);
    it.receive(frame(3, says('c')));
    it.acknowledge();
    it.acknowledge();
    expect(paper.texts).toEqual(['{"ack":3}']);
  });

  test('refuses numbers that cannot be', () => {
    const { it, paper, heard } = session();
    it.attach(paper);
    expect(() => it.receive(frame(2, says('a')))).toThrow(ProtocolError);
    expect(() => it.receiveAck(1)).toThrow('message 1 was acknowledged, the last one sent is 0');
    expect(heard).toEqual([]);
  });

  test('delivers what comes after an answer in a macrotask of its own, also from the next frame', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper);
    const answer = it.request('ask', {}).then(result => heard.push(['awaited', result]));
    it.receive(frame(1, says('before'), { id: 1, result: 7 }));
    it.receive(frame(3, says('after'), { id: 9, method: 'request', params: {} }));
    it.receive(frame(5, says('last')));
    expect(heard).toEqual([says('before')]);
    await answer;
    await clock.settle();
    expect(heard.slice(1)).toEqual([['awaited', 7], says('after'), { id: 9, method: 'request', params: {} }, says('last')]);
  });

  test('takes what a handler throws for a broken protocol', () => {
    const { it, paper, heard } = session();
    it.attach(paper);
    it.receive(frame(1, says('broken'), says('next')));
    expect(heard).toEqual([says('broken'), expect.objectContaining({ code: 'ROPE_PROTOCOL', cause: new TypeError('no such field') }), says('next')]);
  });

  test('runs onResult before the promise settles, and rejects with what it throws', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    const order: unknown[] = [];
    const first = it.request('ask', {}, { onResult: result => {
      order.push(['onResult', result]);
      return 'value';
    } });
    const second = it.request('ask', {}, { onResult: () => {
      throw new Error('not adopted');
    } });
    second.catch(() => {});
    it.receive(frame(1, { id: 1, result: 5 }, { id: 2, result: 5 }));
    order.push('received');
    expect(await first).toBe('value');
    await expect(second).rejects.toThrow('not adopted');
    expect(order).toEqual([['onResult', 5], 'received']);
    await clock.settle();
  });

  test('rejects calls with what JSON cannot say, and when it has ended', async () => {
    const { it, paper } = session();
    it.attach(paper);
    await expect(it.request('ask', { big: 1n })).rejects.toThrow(TypeError);
    const pending = it.request('ask', {});
    it.end(new Error('over'));
    it.end(new Error('again'));
    await expect(pending).rejects.toThrow(ConnectionLostError);
    await expect(it.request('ask', {})).rejects.toThrow('over');
    it.notify('nobody', {});
    it.detach();
    expect(it.respond('{}')).toBeUndefined();
  });

  test('rejects what was under way when the link broke, and nothing of the next link', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    const answered = it.request('first', {});
    const lost = it.request('second', {});
    lost.catch(() => {});
    it.receive(frame(1, { id: 99, result: 0 }, says('waits for a macrotask'), { id: 1, result: 'in time' }));
    it.detach();
    it.restart();
    it.attach(paper);
    const next = it.request('third', {});
    await clock.settle();
    expect(await answered).toBe('in time');
    await expect(lost).rejects.toThrow('the link broke before second was answered');
    it.receive(frame(1, { id: 3, result: 'on the next link' }));
    expect(await next).toBe('on the next link');
  });

  test('without a link, a client waits and a server drops', async () => {
    const client = session('hold');
    client.it.notify('kept', {});
    client.it.attach(client.paper);
    const server = session('drop');
    server.it.notify('dropped', {});
    server.it.attach(server.paper);
    await client.clock.settle();
    await server.clock.settle();
    expect([methods(client.paper.frames()), methods(server.paper.frames())]).toEqual([[['kept']], []]);
  });

  test('says again what was not acknowledged, and only that', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    for (const method of ['a', 'b', 'c', 'd']) it.notify(method, {});
    await clock.settle();
    it.receiveAck(1);
    it.detach();
    it.notify('e', {});
    paper.frames();
    it.restart();
    it.attach(paper, { peerReceived: 2 }); // of the former link
    await clock.settle();
    expect(methods(paper.frames())).toEqual([['c', 'd', 'e']]);
    it.receiveAck(3);
    it.forget('the node is gone');
    it.attach(paper);
    await clock.settle();
    expect(paper.texts).toEqual([]);
  });

  test('sets one timer for all deadlines', async () => {
    const { it, clock, paper } = session();
    it.attach(paper);
    const failures: unknown[] = [];
    for (const timeoutMs of [500, 300, 300, 700]) it.request(`after ${timeoutMs}`, {}, { timeoutMs }).catch((error: Error) => failures.push([clock.nowMs(), error.message.slice(0, 9)]));
    expect(clock.timers).toBe(1);
    await clock.advance(2_000);
    expect(failures).toEqual([[300, 'after 300'], [300, 'after 300'], [500, 'after 500'], [700, 'after 700']]);
    expect([clock.timers, methods(paper.frames()).flat().filter(method => method === 'rope.cancel').length]).toEqual([0, 4]);
  });
});
