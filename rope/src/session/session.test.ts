import { describe, expect, test } from '@jest/globals';

import { ConnectionLostError, MessageTooLargeError, ProtocolError } from '../errors.ts';
import { decodeBinaryFrame } from '../protocol/binary.ts';
import { decodeFrame } from '../protocol/codec.ts';
import type { DataFrame, Message } from '../protocol/message.ts';
import { FakeClock } from '../testing/index.ts';
import { Session } from './session.ts';
import type { Transport } from './transport.ts';

/** A transport that only writes down. */
class Paper implements Transport {
  readonly sent: (string | Uint8Array)[] = [];
  bufferedBytes = 0;
  paused = false;
  start(): void {}
  send(frame: string | Uint8Array): void {
    this.sent.push(frame);
  }
  sendAll(frames: readonly (string | Uint8Array)[]): void {
    this.sent.push(...frames);
  }
  close(): void {}
  terminate(): void {}
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }

  /** The data frames that were sent since the last time. */
  frames(): DataFrame[] {
    return this.sent.splice(0).map(frame => (typeof frame === 'string' ? decodeFrame(frame) as DataFrame : decodeBinaryFrame(frame))).filter(frame => 'messages' in frame);
  }
}

const MB = 1_024 * 1_024;

function session({ calls = 8 * MB, all = 16 * MB }: { calls?: number; all?: number } = {}): { it: Session; clock: FakeClock; paper: Paper; heard: unknown[] } {
  const clock = new FakeClock();
  const heard: unknown[] = [];
  const it = new Session({
    clock, requestTimeoutMs: 1_000,
    bounds: () => ({ calls, all }),
    handlers: {
      request: message => void heard.push(message),
      notification: message => {
        heard.push(message);
        if (message.method === 'broken') throw new TypeError('no such field');
      },
      failed: error => void heard.push(error),
      overflow: () => void heard.push('overflow'),
      error: error => new Error(error.message),
      result: (_, result) => result,
    },
  });
  return { it, clock, paper: new Paper(), heard };
}
const frame = (seq: number, ...messages: Message[]): DataFrame => ({ seq, ack: 0, messages });
const says = (method: string): Message => ({ method, params: {} });
const methods = (frames: DataFrame[]) => frames.map(({ messages }) => messages.map(message => message && (message as { method: string }).method));
const hears = (it: Session, ...args: Parameters<typeof frame>) => it.receive(frame(...args), 100);

describe('Session', () => {
  test('reads no more than so much of large frames in one turn, then lets others have theirs', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    it.receive(frame(1, says('a')), 40_000);
    expect(paper.paused).toBe(false);
    await clock.settle();
    it.receive(frame(2, says('b')), 40_000);
    it.receive(frame(3, says('c')), 40_000);
    expect(paper.paused).toBe(true);
    it.receive(frame(4, says('d')), 40_000); // had left the socket already
    expect(heard).toHaveLength(4);
    await clock.settle();
    expect(paper.paused).toBe(false);
  });

  test('does not read on after a large frame while too much waits, nor without a link', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
    it.receive(frame(1, ...Array.from({ length: 2_000 }, () => says('a'))), 100_000);
    expect(paper.paused).toBe(true);
    const turn = clock.settle();
    expect(paper.paused).toBe(true);
    await turn;
    expect(paper.paused).toBe(false);
    it.receive(frame(2_001, says('b')), 100_000);
    it.detach();
    paper.paused = true;
    await clock.settle();
    it.receive(frame(2_002, says('c')), 100_000); // read before the link broke
    await clock.settle();
    expect(paper.paused).toBe(true);
  });

  test('sends one frame for what one tick says, numbered', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
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
    it.attach(paper, 0);
    for (const length of [10_000, 20_000, 20_000, 100_000, 10, 10]) it.notify('long', { text: 'x'.repeat(length) });
    await clock.settle();
    const frames = paper.frames();
    expect(frames.map(({ seq, messages }) => [seq, messages.length])).toEqual([[1, 2], [3, 1], [4, 1], [5, 2]]);
  });

  test('acknowledges with what it sends, else when asked to', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
    it.acknowledge();
    hears(it, 1, says('a'), says('b'));
    it.notify('x', {});
    await clock.settle();
    expect(paper.frames()).toEqual([{ seq: 1, ack: 2, messages: [{ method: 'x', params: {} }] }]);
    it.acknowledge();
    expect(paper.sent).toEqual([]);
    hears(it, 3, says('c'));
    it.acknowledge();
    it.acknowledge();
    expect(paper.sent).toEqual(['{"ack":3}']);
  });

  test('refuses numbers that cannot be', () => {
    const { it, paper, heard } = session();
    it.attach(paper, 0);
    expect(() => hears(it, 2, says('a'))).toThrow(ProtocolError);
    expect(() => it.receiveAck(1)).toThrow('message 1 was acknowledged, the last one sent is 0');
    expect(heard).toEqual([]);
  });

  test('delivers what comes after an answer in a macrotask of its own, also from the next frame', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    const answer = it.request('ask', {}).then(result => heard.push(['awaited', result]));
    hears(it, 1, says('before'), { id: 1, result: 7 });
    hears(it, 3, says('after'), { id: 9, method: 'request', params: {} });
    hears(it, 5, says('last'));
    expect(heard).toEqual([says('before')]);
    await answer;
    await clock.settle();
    expect(heard.slice(1)).toEqual([['awaited', 7], says('after'), { id: 9, method: 'request', params: {} }, says('last')]);
  });

  test('takes what a handler throws for a broken protocol', () => {
    const { it, paper, heard } = session();
    it.attach(paper, 0);
    hears(it, 1, says('broken'), says('next'));
    expect(heard).toEqual([says('broken'), expect.objectContaining({ code: 'ROPE_PROTOCOL', cause: new TypeError('no such field') }), says('next')]);
  });

  test('runs onResult before the promise settles, and rejects with what it throws', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
    const order: unknown[] = [];
    const first = it.request('ask', {}, { onResult: result => {
      order.push(['onResult', result]);
      return 'value';
    } });
    const second = it.request('ask', {}, { onResult: () => {
      throw new Error('not adopted');
    } });
    second.catch(() => {});
    hears(it, 1, { id: 1, result: 5 }, { id: 2, result: 5 });
    order.push('received');
    expect(await first).toBe('value');
    await expect(second).rejects.toThrow('not adopted');
    expect(order).toEqual([['onResult', 5], 'received']);
    await clock.settle();
  });

  test('rejects calls with what JSON cannot say, and when it has ended', async () => {
    const { it, paper } = session();
    it.attach(paper, 0);
    await expect(it.request('ask', { big: 1n })).rejects.toThrow(TypeError);
    const pending = it.request('ask', {});
    it.end(new Error('over'));
    it.end(new Error('again'));
    await expect(pending).rejects.toThrow(ConnectionLostError);
    await expect(it.request('ask', {})).rejects.toThrow('over');
    it.notify('nobody', {});
    it.detach();
    expect(it.send('{}')).toBeUndefined();
  });

  test('goes on where it was over the next link, in both directions', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    const answered = it.request('first', {});
    const underWay = it.request('second', {});
    for (const method of ['a', 'b']) it.notify(method, {});
    await clock.settle();
    expect(methods(paper.frames())).toEqual([['first', 'second', 'a', 'b']]);
    hears(it, 1, { id: 1, result: 'in time' }, says('received'));
    it.receiveAck(1);
    it.detach();
    it.notify('meanwhile', {});
    await clock.settle();
    expect([await answered, paper.frames(), it.state]).toMatchObject(['in time', [], { sent: 4, acknowledged: 1, received: 2, waiting: 1, pending: [{ method: 'second' }] }]);
    it.attach(paper, 2);
    it.notify('later', {});
    await clock.settle();
    expect(paper.frames()).toMatchObject([{ seq: 3, ack: 2, messages: [{ method: 'a' }, { method: 'b' }, { method: 'meanwhile' }, { method: 'later' }] }]);
    hears(it, 3, { id: 2, result: 'over the next link' });
    expect(await underWay).toBe('over the next link');
    expect(heard).toEqual([says('received')]);
  });

  test('rejects calls whose answers are lost, and keeps those that are worked on', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    const [answered, lost, worked] = ['answered', 'lost', 'worked'].map(method => it.request(method, {}));
    lost!.catch(() => {});
    await clock.settle();
    const notReceived = it.request('not received', {});
    hears(it, 1, { id: 99, result: 0 }, says('waits for a macrotask'), { id: 1, result: 'in time' });
    it.detach();
    it.skipped();
    it.lostAnswers(3, [3]);
    it.attach(paper, 3);
    hears(it, 70, { id: 3, result: 'late' }, { id: 4, result: 'sent again' });
    await clock.settle();
    expect(await Promise.all([answered, worked, notReceived])).toEqual(['in time', 'late', 'sent again']);
    await expect(lost).rejects.toThrow('the connection was lost before lost was answered');
    expect([it.received, heard]).toEqual([71, [says('waits for a macrotask')]]);
    expect(() => hears(it, 73, says('a gap'))).toThrow('message 73 came after message 71');
  });

  test('forgets a conversation: what was sent is lost, what waited was never sent, and numbers begin at 1', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    const sent = it.request('sent', {});
    const answered = it.request('answered', {});
    await clock.settle();
    hears(it, 1, { id: 99, result: 0 }, says('news of what is gone'), { id: 2, result: 'in time' });
    it.detach();
    const waited = it.request('waited', {});
    it.notify('forgotten', {});
    for (const promise of [sent, waited]) promise.catch(() => {});
    it.forget('the node is gone');
    await clock.settle();
    expect([await answered, heard]).toEqual(['in time', []]);
    await expect(sent).rejects.toThrow(ConnectionLostError);
    await expect(waited).rejects.toThrow('waited was not sent: the node is gone');
    paper.frames();
    it.attach(paper, 0);
    it.notify('first', {});
    hears(it, 1, says('first'));
    await clock.settle();
    expect(paper.frames()).toMatchObject([{ seq: 1, ack: 1, messages: [{ method: 'first' }] }]);
  });

  test('refuses what waits, and leaves a null in its place', async () => {
    const { it, clock, paper } = session();
    it.notify('kept', {});
    const refused = it.request('refused', {});
    it.notify('kept too', {});
    it.refuse(new Error('not let in'));
    await expect(refused).rejects.toThrow('not let in');
    const signal = AbortSignal.abort();
    const controller = new AbortController();
    const given = it.request('given up', {}, { signal: controller.signal });
    controller.abort(new Error('not needed'));
    await expect(given).rejects.toThrow('not needed');
    await expect(it.request('never', {}, { signal })).rejects.toThrow('aborted');
    it.attach(paper, 0);
    await clock.settle();
    expect(methods(paper.frames())).toEqual([['kept', null, 'kept too', null]]);
  });

  test('sends nothing that is longer than the peer takes, whenever it learns of that', async () => {
    const { it, clock, paper } = session();
    const long = it.request('long', { text: 'x'.repeat(1_000) });
    const short = it.request('short', {});
    short.catch(() => {});
    it.limit(1_000);
    await expect(long).rejects.toThrow(MessageTooLargeError);
    await expect(it.request('wide', { text: '😀'.repeat(300) })).rejects.toThrow('more than the 1000 bytes');
    await expect(it.request('bytes', { data: Buffer.alloc(1_000) })).rejects.toThrow(MessageTooLargeError);
    expect(() => it.notify('bytes', { data: Buffer.alloc(960), text: 'ü'.repeat(10) })).toThrow(MessageTooLargeError);
    it.notify('fits', { data: Buffer.alloc(900), text: 'ü'.repeat(10) });
    it.attach(paper, 0);
    await clock.settle();
    expect(methods(paper.frames())).toEqual([[null, 'short'], ['fits']]);
    it.end(new Error('over'));
  });

  test('carries bytes in frames of their own, in the one order', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    it.notify('a', {});
    const bytes = Uint8Array.of(1, 2, 3);
    it.notify('rtp', { producer: 1, data: bytes });
    it.notify('rtp', { producer: 2, data: new Uint8Array() });
    const call = it.request('send', { data: bytes });
    it.notify('b', {});
    await clock.settle();
    const kinds = paper.sent.map(frame => typeof frame);
    const frames = paper.frames();
    expect([kinds, frames.map(({ seq }) => seq)]).toEqual([['string', 'object', 'string'], [1, 2, 5]]);
    expect(frames[1]!.messages).toEqual([
      { method: 'rtp', params: { producer: 1, data: Buffer.from([1, 2, 3]) } },
      { method: 'rtp', params: { producer: 2, data: Buffer.alloc(0) } },
      { id: 1, method: 'send', params: { data: Buffer.from([1, 2, 3]) } },
    ]);
    for (const one of frames) it.receive({ ...one, ack: 0 }, 50);
    expect(heard).toEqual(frames.flatMap(({ messages }) => messages));
    it.end(new Error('over'));
    await expect(call).rejects.toThrow(ConnectionLostError);
  });

  test('drops the oldest media when too much waits, and no call and no other notification', async () => {
    const { it, clock, paper, heard } = session({ calls: 5_000, all: 6_000 });
    const data = Buffer.alloc(960);
    it.notify('close', {});
    for (let packet = 0; packet < 10; packet += 1) it.notify('rtp', { packet, data }, true);
    const call = it.request('ask', {});
    await expect(it.request('ask', { text: 'x'.repeat(5_000) })).rejects.toMatchObject({ code: 'ROPE_QUEUE_FULL', retryable: true });
    it.notify('rtp', { data: Buffer.alloc(5_000) }, true); // finds no room at all
    it.notify('close', { text: 'x'.repeat(5_000) });
    expect(heard).toEqual([]);
    it.notify('close', { text: 'x'.repeat(5_000) });
    expect(heard).toEqual(['overflow']);
    it.attach(paper, 0);
    await clock.settle();
    const sent = paper.frames().flatMap(({ messages }) => messages);
    expect(sent.filter(message => message === null).length).toBe(10);
    expect(sent.filter(message => message !== null).map(message => (message as { method: string }).method)).toEqual(['close', 'ask', 'close']);
    it.end(new Error('over'));
    await expect(call).rejects.toThrow('over');
  });

  test('holds no more than 2 MiB of media, though there is room for more', () => {
    const { it } = session();
    const data = Buffer.alloc(100_000);
    for (let packet = 0; packet < 50; packet += 1) it.notify('rtp', { data }, true);
    expect(it.keptBytes).toBeGreaterThan(1.8 * MB);
    expect(it.keptBytes).toBeLessThan(2 * MB);
  });

  test('waits while the socket is full, and goes on when the peer has read', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
    const text = 'x'.repeat(100_000);
    for (let message = 0; message < 30; message += 1) it.notify('long', { text });
    // 64 KiB leave at once, without waiting for the end of the tick.
    expect(paper.sent.length).toBe(30);
    paper.bufferedBytes = 2 * MB;
    it.notify('waits', {});
    await clock.settle();
    paper.frames();
    expect([it.state.waiting, paper.sent]).toEqual([1, []]);
    paper.bufferedBytes = 0;
    it.receiveAck(10);
    await clock.settle();
    expect(methods(paper.frames())).toEqual([['waits']]);
  });

  test('acknowledges by itself after 128 messages or 64 KiB', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
    hears(it, 1, ...Array.from({ length: 127 }, () => says('a')));
    await clock.settle();
    expect(paper.sent).toEqual([]);
    hears(it, 128, says('a'));
    await clock.settle();
    it.receive(frame(129, says('a')), 70_000);
    await clock.settle();
    it.receive(frame(130, says('a')), 70_000);
    it.notify('b', {});
    await clock.settle();
    expect(paper.sent).toEqual(['{"ack":128}', '{"ack":129}', '{"seq":1,"ack":130,"messages":[{"method":"b","params":{}}]}']);
    paper.bufferedBytes = 2 * MB;
    it.receive(frame(131, says('a')), 70_000);
    await clock.settle();
    expect(paper.sent.length).toBe(3); // a peer that does not read gets nothing on top
  });

  test('delivers in turns, and reads no more while too much waits', async () => {
    const { it, clock, paper, heard } = session();
    it.attach(paper, 0);
    hears(it, 1, ...Array.from({ length: 1_500 }, () => says('a')));
    expect([heard.length, paper.paused, it.state.unhandled]).toEqual([200, true, 1_300]);
    hears(it, 1_501, { id: 5, method: 'ask', params: {} }, { id: 1, result: 0 });
    expect(it.unhandledRequests()).toEqual([5]);
    it.detach();
    const next = new Paper();
    it.attach(next, 0);
    expect(next.paused).toBe(true);
    await clock.settle();
    expect([heard.length, next.paused]).toEqual([1_501, false]);
  });

  test('gives up what the peer may not have, and goes on behind it', async () => {
    const { it, clock, paper } = session();
    for (const method of ['a', 'b', 'c']) it.notify(method, {});
    expect([it.canReplay(0), it.makeRoom(1_000), it.makeRoom(10)]).toEqual([true, true, false]);
    it.skip();
    expect([it.canReplay(0), it.canReplay(3), it.canReplay(4), it.keptBytes]).toEqual([false, true, false, 0]);
    it.attach(paper, 0);
    it.notify('d', {});
    await clock.settle();
    expect(paper.frames()).toMatchObject([{ seq: 4, messages: [{ method: 'd' }] }]);
  });

  test('sets one timer for all deadlines', async () => {
    const { it, clock, paper } = session();
    it.attach(paper, 0);
    const failures: unknown[] = [];
    for (const timeoutMs of [500, 300, 300, 700]) it.request(`after ${timeoutMs}`, {}, { timeoutMs }).catch((error: Error) => failures.push([clock.nowMs(), error.message.slice(0, 9)]));
    expect(clock.timers).toBe(1);
    await clock.advance(2_000);
    expect(failures).toEqual([[300, 'after 300'], [300, 'after 300'], [500, 'after 500'], [700, 'after 700']]);
    expect([clock.timers, methods(paper.frames()).flat().filter(method => method === 'rope.cancel').length]).toEqual([0, 4]);
  });
});
