import type { EventEmitter } from 'node:events';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalManager, MediasoupHorizontal } from '@mediacluster/sdk';
import type { Mediasoup } from '@mediacluster/sdk';
import { INTERNAL_MEMBERS, differentMembers, differentModuleMembers, membersOf } from '@mediacluster/sdk/conformance';
import * as mediasoup from 'mediasoup';

import { oneOfEach } from './one-of-each.ts';
import type { OneOfEach } from './one-of-each.ts';
import { ScriptedNode } from './scripted-node.ts';

const NAMES = [
  'worker', 'server', 'router', 'webRtcTransport', 'pipeTransport', 'plainTransport', 'directTransport', 'activeSpeakerObserver', 'audioLevelObserver',
  'producer', 'consumer', 'dataProducer', 'dataConsumer',
] as const satisfies (keyof OneOfEach)[];

let real: OneOfEach;

beforeAll(async () => {
  real = await oneOfEach(mediasoup);
});
afterAll(() => real.worker.close());

describe.each<[string, () => Mediasoup]>([
  ['remote', () => new ScriptedNode().mediasoup],
  ['horizontal', () => new MediasoupHorizontal([new LocalManager(mediasoup)]).mediasoup!],
])('an app finds mediasoup\'s members, and no others, on a %s one\'s', (_manager, open) => {
  let module: Mediasoup;
  let objects: OneOfEach;

  beforeAll(async () => {
    module = open();
    objects = await oneOfEach(module);
  });
  afterAll(() => objects.worker.close());

  test('module', () => {
    expect(differentModuleMembers(mediasoup, module)).toEqual([]);
    expect(Object.keys(module)).not.toContain('__esModule');
  });

  test.each(NAMES)('%s', name => {
    expect(differentMembers(real[name], objects[name])).toEqual([]);
    expect(differentMembers(real[name].observer, objects[name].observer)).toEqual([]);
  });

  test.each(NAMES)('%s, also with listeners', name => {
    const object: EventEmitter & { readonly observer: EventEmitter } = objects[name];
    object.on('listenererror', () => {});
    object.observer.on('close', () => {});
    expect(differentMembers(real[name], objects[name])).toEqual([]);
  });
});

test('what mediasoup keeps for itself is still there, and no more of it', () => {
  const internal = Object.values(real).flatMap(object => {
    const { own, inherited } = membersOf(object);
    return [...own, ...inherited].filter(name => INTERNAL_MEMBERS.includes(name));
  });
  expect([...new Set(internal)].toSorted()).toEqual(INTERNAL_MEMBERS);
});

describe('a difference is told', () => {
  class Thing {
    readonly kept = 1;
    does(): void {}
  }
  test.each<[string, object, string[]]>([
    ['nothing', new Thing(), []],
    ['another class', { kept: 1, does() {} }, ['its class is Object, not Thing', 'does not inherit constructor', 'does not inherit does', 'has does']],
    ['less', new (class Thing { does(): void {} })(), ['lacks kept']],
    ['more', new (class Thing { readonly kept = 1; readonly mine = 2; does(): void {} more(): void {} })(), ['has mine', 'inherits more']],
    ['a symbol', Object.assign(new Thing(), { [Symbol('mine')]: 1 }), []],
  ])('%s', (_what, found, told) => {
    expect(differentMembers(new Thing(), found)).toEqual(told);
  });

  test('of a module', () => {
    expect(differentModuleMembers({ a: 1, 'module.exports': 2, __esModule: true }, { b: 1 })).toEqual(['lacks a', 'lacks default', 'has b']);
    expect(differentModuleMembers({ a: 1 }, new (class Module { readonly a = 1; readonly default = 1; b(): void {} })())).toEqual(['inherits b', 'inherits constructor']);
  });
});
