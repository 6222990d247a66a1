import { describe, expect, test } from '@jest/globals';

import { RecordingHost } from '../../test/counter.ts';
import { Replica } from './replica.ts';

const record = (object: number, parent?: number, state: Record<string, unknown> = { value: 1 }) => ({ object, type: 't', ...(parent !== undefined && { parent }), state });

function replica(): { replica: Replica; host: RecordingHost } {
  const host = new RecordingHost();
  return { replica: new Replica(host), host };
}

describe('Replica', () => {
  test('takes in what was asked for without a word, once', () => {
    const { replica: it, host } = replica();
    const adopted = it.adopt(record(1));
    adopted.mirror = 'mine';
    expect(it.adopt(record(1)).mirror).toBe('mine');
    expect([it.size, it.get(1), host.take()]).toEqual([1, adopted, []]);
    it.created(record(1));
    expect(host.take()).toEqual([]);
  });

  test('walks roots and children in the order of their creation', () => {
    const { replica: it } = replica();
    for (const each of [record(5), record(3), record(9, 5), record(7, 5)]) it.adopt(each);
    expect([it.roots().map(({ object }) => object), [...it.children(5)].map(({ object }) => object), [...it.children(7)], [...it.children(99)]])
      .toEqual([[5, 3], [9, 7], [], []]);
  });

  test('returns a record below a parent that is closed here, but does not keep it', () => {
    const { replica: it } = replica();
    it.adopt(record(1));
    it.forget(1);
    expect(it.adopt(record(2, 1))).toMatchObject({ object: 2, state: { value: 1 } });
    expect(it.size).toBe(0);
  });

  test('tells of a patch with the former values of what changed', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1, undefined, { value: 1, list: [1], gone: 'x' }));
    it.patch(1, { value: 2, list: [1], gone: null, fresh: { a: 1 } });
    expect(host.take()).toEqual([['patched', 1, { value: 2, list: [1], gone: undefined, fresh: { a: 1 } }, { value: 1, gone: 'x', fresh: undefined }]]);
    it.patch(1, { value: 2 });
    it.patch(2, { value: 2 });
    expect(host.take()).toEqual([]);
  });

  test('knows what the app keeps with an object, and tells when it is another', () => {
    const { replica: it, host } = replica();
    it.applySnapshot([{ ...record(1), appData: { room: 1 } }, record(2)], true);
    expect([it.get(1)!.appData, it.get(2)!.appData, host.take().length]).toEqual([{ room: 1 }, undefined, 2]);
    it.patch(1, { value: 1 }); // no word of it
    it.patch(1, {}, { room: 1 });
    expect(host.take()).toEqual([]);
    it.patch(1, {}, { room: 2 });
    it.patch(2, {}, { room: 3 });
    expect(host.take()).toEqual([['patched', 1, { value: 1 }, { appData: { room: 1 } }], ['patched', 2, { value: 1 }, { appData: undefined }]]);
    expect([it.get(1)!.appData, it.get(2)!.appData]).toEqual([{ room: 2 }, { room: 3 }]);
    it.applySnapshot([record(1), { ...record(2), appData: { room: 3 } }], true);
    expect([host.take(), it.get(1)!.appData, it.get(2)!.appData]).toEqual([[['patched', 1, { value: 1 }, { appData: { room: 2 } }]], undefined, { room: 3 }]);
  });

  test('holds on to what this side keeps, until the server has heard of it', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1));
    const [first, second] = [{ mine: 1 }, { mine: 2 }];
    it.keep(1, first);
    it.keep(1, second);
    it.keep(99, first);
    it.patch(1, {}, { theirs: 1 });
    it.patch(1, {}, { mine: 1 }, true);
    it.patch(1, {}, { theirs: 2 });
    it.patch(1, {}, { mine: 2 }, true);
    expect([it.get(1)!.appData === second, host.take()]).toEqual([true, []]);
    it.patch(1, {}, { theirs: 3 });
    expect([it.get(1)!.appData, host.take().length]).toEqual([{ theirs: 3 }, 1]);
    it.keep(1, first);
    it.applySnapshot([{ ...record(1), appData: { theirs: 4 } }], true);
    it.patch(1, {}, { mine: 1 }, true); // was on its way to the server when the link broke
    expect([it.get(1)!.appData, host.take().length]).toEqual([{ mine: 1 }, 2]);
  });

  test('does not count what an unfinished snapshot has confirmed', () => {
    const { replica: it, host } = replica();
    it.applySnapshot([record(1), record(2)], true);
    it.applySnapshot([record(1)], false);
    it.expectSnapshot(); // the link broke, and 1 is closed meanwhile
    it.applySnapshot([record(2)], true);
    expect([it.size, host.take().at(-1)]).toEqual([1, ['closed', 1]]);
  });

  test('sets fields alone, never a prototype', () => {
    const { replica: it } = replica();
    const { state } = it.adopt(record(1));
    it.patch(1, JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>);
    expect(state.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(state)).toBe(Object.prototype);
  });

  test('tells of an event after its state, with undefined where the wire says null', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1));
    it.event(1, 'layers', [null, 5], { value: 3 });
    it.event(1, 'bare', []);
    it.event(2, 'nobody', []);
    expect(host.take()).toEqual([['layers', 1, [undefined, 5], { value: 3 }, { value: 1 }], ['bare', 1, [], { value: 3 }, {}]]);
  });

  test('tells of an end with its event', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1));
    it.closed(1, 'died', ['pid:5', null]);
    it.closed(1);
    expect(host.take()).toEqual([['closed', 1, 'died', ['pid:5', undefined]]]);
  });

  test('applies a snapshot in parts: new, changed, gone', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1, undefined, { value: 1, was: 2 }));
    it.adopt(record(2));
    it.adopt(record(3, 2));
    it.adopt(record(4, 1));
    it.applySnapshot([record(1, undefined, { value: 5 })], false);
    it.adopt(record(8, 1)); // an answer in between
    it.applySnapshot([record(7, 1), record(4, 1)], true);
    expect(host.take()).toEqual([
      ['patched', 1, { value: 5, was: undefined }, { value: 1, was: 2 }],
      ['created', 7, { value: 1 }],
      ['closed', 2],
    ]);
    expect([1, 4, 7, 8].every(object => it.get(object) !== undefined)).toBe(true);
    it.applySnapshot([], true);
    expect(host.take()).toEqual([['closed', 1]]);
    expect(it.size).toBe(0);
  });

  test('does not let a snapshot bring back what was closed here, until the server says so', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1));
    it.adopt(record(2, 1));
    it.forget(2);
    it.forget(2);
    it.applySnapshot([record(1), record(2, 1), record(3, 2)], true);
    it.created(record(2, 1));
    expect([it.size, host.take()]).toEqual([1, []]);
    it.closed(2); // the echo
    expect(host.take()).toEqual([]);
    it.created(record(2, 1)); // would be another object; numbers are not used twice
    expect(host.take()).toEqual([['created', 2, { value: 1 }]]);
  });

  test('keeps no memory of what was closed here once nobody can speak of it', () => {
    const { replica: it, host } = replica();
    it.adopt(record(1));
    it.adopt(record(2, 1));
    it.adopt(record(3));
    it.forget(2);
    it.forget(3);
    it.closed(1); // takes 2 along: there will be no echo
    it.applySnapshot([], true); // the server has forgotten 3 too
    host.take();
    for (const object of [1, 2, 3]) it.created(record(object));
    expect(host.take().map(([word, object]) => [word, object])).toEqual([['created', 1], ['created', 2], ['created', 3]]);
  });

  test('is emptied when the node is lost or leaves', () => {
    const { replica: it, host } = replica();
    it.lost('lease');
    it.adopt(record(1));
    it.adopt(record(2, 1));
    it.adopt(record(3));
    it.lost('refused');
    it.adopt(record(1));
    it.left('scale-in');
    expect(host.take()).toEqual([['lost', [1, 3], 'refused'], ['left', [1], 'scale-in']]);
    expect([it.size, it.roots()]).toEqual([0, []]);
  });

  test('goes on when its host throws', () => {
    const { replica: it, host } = replica();
    const { queueMicrotask } = globalThis;
    const thrown: (() => void)[] = [];
    globalThis.queueMicrotask = task => void thrown.push(task);
    host.onWord = () => {
      throw new Error('a bug in the host');
    };
    it.created(record(1));
    it.closed(1);
    globalThis.queueMicrotask = queueMicrotask;
    expect(it.size).toBe(0);
    expect(thrown).toHaveLength(2);
    expect(thrown[0]).toThrow('a bug in the host');
  });
});
