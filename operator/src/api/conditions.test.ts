import { describe, expect, test } from '@jest/globals';

import { findCondition, setCondition } from './conditions.ts';
import type { Condition } from './v1alpha1.ts';

const NOON = Date.parse('2026-11-20T12:00:00.123Z');
const LATER = NOON + 60_000;
const started = setCondition(undefined, 'Ready', { status: 'False', reason: 'PodsStarting', message: '0 of 1 pod ready' }, 1, NOON);

const reasonFor = (reason: string) => setCondition([], 'Ready', { status: 'False', reason, message: '' }, 1, NOON)[0]?.reason;

describe('setCondition', () => {
  test('adds a condition with whole seconds, as Kubernetes writes them', () => {
    expect(started).toEqual([{ type: 'Ready', status: 'False', reason: 'PodsStarting', message: '0 of 1 pod ready', lastTransitionTime: '2026-11-20T12:00:00Z', observedGeneration: 1 }]);
  });

  test('keeps the time of the transition while the status stays, whatever the reason says', () => {
    const [condition] = setCondition(started, 'Ready', { status: 'False', reason: 'ImagePullBackOff', message: 'x' }, 2, LATER);
    expect(condition).toMatchObject({ reason: 'ImagePullBackOff', lastTransitionTime: '2026-11-20T12:00:00Z', observedGeneration: 2 });
  });

  test('moves it when the status changes', () => {
    expect(setCondition(started, 'Ready', { status: 'True', reason: 'PodsReady', message: '' }, 1, LATER)[0]?.lastTransitionTime).toBe('2026-11-20T12:01:00Z');
  });

  test('leaves the conditions of others as they are', () => {
    const foreign: Condition = { type: 'Audited', status: 'True', reason: 'Yes', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const conditions = setCondition([foreign, ...started], 'Ready', { status: 'True', reason: 'PodsReady', message: '' }, undefined, LATER);
    expect(conditions.map(({ type }) => type)).toEqual(['Audited', 'Ready']);
    expect(conditions[0]).toBe(foreign);
    expect(conditions[1]).not.toHaveProperty('observedGeneration');
  });

  test('makes one word of any reason, which the API server asks for', () => {
    expect(reasonFor('Node is lost!')).toBe('Nodeislost');
    expect(reasonFor('137')).toBe('Reason137');
    expect(reasonFor('')).toBe('Reason');
  });

  test('cuts a message at the length that the API server takes', () => {
    expect(setCondition([], 'Ready', { status: 'False', reason: 'X', message: 'x'.repeat(40_000) }, 1, NOON)[0]?.message).toHaveLength(32_768);
  });
});

test('findCondition finds a condition by its type', () => {
  expect(findCondition(started, 'Ready')).toBe(started[0]);
  expect(findCondition(started, 'Progressing')).toBeUndefined();
  expect(findCondition(undefined, 'Ready')).toBeUndefined();
});
