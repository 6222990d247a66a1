import { classes, methods } from '@mediacluster/rope/contract';
import type { ClassSpec } from '@mediacluster/rope/contract';
import { describe, expect, test } from '@jest/globals';

import { differences } from './contract-differences.ts';
import { readSurface } from './mediasoup-surface.ts';
import type { DeclaredClass } from './mediasoup-surface.ts';

/** A new mediasoup makes of this a list of what to add. */
const surface = readSurface();

const producer = surface.classes.get('producer') as DeclaredClass;
/** mediasoup as it would be with this in place of its Producer. */
const withProducer = (changes: Partial<DeclaredClass>): typeof surface =>
  ({ ...surface, classes: new Map([...surface.classes, ['producer', { ...producer, ...changes }]]) });
const without = <Value>(map: ReadonlyMap<string, Value>, key: string): Map<string, Value> => new Map([...map].filter(([name]) => name !== key));
const contractWith = (spec: Partial<ClassSpec>): Record<string, ClassSpec> => ({ ...classes, producer: { ...classes.producer, ...spec } });

describe('the contract', () => {
  test('is the installed mediasoup, member by member', () => {
    expect(differences(surface, { classes, methods })).toEqual([]);
  });

  test.each([
    ['a getter', { getters: new Map([...producer.getters, ['jitter', producer.getters.get('id')!]]) }, 'producer.jitter: a getter of mediasoup that is in no state'],
    ['another type of a getter', { getters: new Map([...producer.getters, ['paused', producer.getters.get('id')!]]) }, 'producer.paused: mediasoup has string, the state boolean'],
    ['a method', { methods: new Map([...producer.methods, ['restart', producer.methods.get('pause')!]]) }, 'producer.restart(): mediasoup has it, the contract does not'],
    ['another answer', { methods: new Map([...producer.methods, ['pause', producer.methods.get('dump')!]]) }, 'producer.pause: mediasoup answers ProducerDump, the contract void'],
    ['a parameter', { methods: new Map([...producer.methods, ['pause', producer.methods.get('enableTraceEvent')!]]) }, 'producer.pause: parameter 1 (ProducerTraceEventType[]) is not carried'],
    ['an event', { events: new Map([...producer.events, ['silence', []]]) }, 'producer!silence: an event of mediasoup that nobody is told of'],
    ['an observer event', { observerEvents: new Map([...producer.observerEvents, ['silence', []]]) }, 'producer°silence: an observer event of mediasoup that nobody is told of'],
    ['no such getter', { getters: without(producer.getters, 'kind') }, 'producer.kind: in the state, but no getter of mediasoup'],
    ['no such method', { methods: without(producer.methods, 'pause') }, 'producer.pause: the contract has it, mediasoup does not'],
    ['no such parameter', { methods: new Map([...producer.methods, ['enableTraceEvent', producer.methods.get('pause')!]]) }, 'producer.enableTraceEvent: mediasoup takes no types'],
    ['no such event', { events: without(producer.events, 'score') }, 'producer!score: mediasoup does not have it'],
    ['no such observer event', { observerEvents: without(producer.observerEvents, 'score') }, 'producer°score: mediasoup does not have it'],
  ])('names what a mediasoup with %s would make of it', (_what, changes: Partial<DeclaredClass>, line) => {
    expect(differences(withProducer(changes), { classes, methods })).toEqual([line]);
  });

  test.each([
    ['an event that sets what it does not tell', { events: { ...classes.producer.events, score: { sets: 'paused', observer: true } } }, 'producer!score: sets paused to ProducerScore[], which is another type'],
    ['bytes where there are none', { events: { ...classes.producer.events, score: { sets: 'score', observer: true, bytes: true as const } } }, 'producer!score: takes ProducerScore[], the contract says bytes: true'],
    ['objects where there are none', { events: { ...classes.producer.events, trace: { observer: true, names: 'producer' as const } } }, 'producer!trace: takes ProducerTraceEventData, the contract says names: producer'],
    ['an ending of its own', { endings: ['explosion'] }, 'producer!explosion: an ending that mediasoup does not have'],
    ['a key without a type', { state: [...classes.producer.state, 'closed'] }, 'producer.closed: the state\'s type and its table differ'],
  ])('names %s', (_what, spec: Partial<ClassSpec>, line) => {
    expect(differences(surface, { classes: contractWith(spec), methods })).toEqual([line]);
  });

  test('names a class, a method and an export that only one side has, and a call that ought to answer', () => {
    const { producer: _left, ...others } = classes;
    expect(differences(surface, { classes: others, methods })).toContain('producer: a class of mediasoup that the contract has no table for');
    const { 'producer.pause': pause, ...rest } = methods;
    expect(differences(surface, { classes, methods: rest })).toEqual(['producer.pause(): mediasoup has it, the contract does not']);
    expect(differences(surface, { classes, methods: { ...methods, 'producer.explode': pause } })).toEqual(['producer.explode: the contract has it, mediasoup does not']);
    expect(differences({ ...surface, exports: [...surface.exports.slice(1), 'createCluster'] }, { classes, methods }))
      .toEqual(['mediasoup.createCluster: an export of mediasoup that comes to no app', 'mediasoup.setLogEventListeners: mediasoup exports it no longer']);
    expect(differences(surface, { classes, methods: { ...methods, 'producer.pause': methods['producer.close'] } }))
      .toEqual(['producer.pause: answers in mediasoup, and is a notification']);
  });
});
