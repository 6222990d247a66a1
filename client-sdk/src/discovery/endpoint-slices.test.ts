import { expect, test } from '@jest/globals';

import { endpointsOf } from './endpoint-slices.ts';
import type { EndpointSlice } from './endpoint-slices.ts';

type Entry = NonNullable<EndpointSlice['endpoints']>[number];

const pod = (name: string, address: string, conditions: Entry['conditions'] = { ready: true }): Entry =>
  ({ addresses: [address], conditions, targetRef: { name, uid: `uid-${name}` } });
const slice = (name: string, endpoints: readonly Entry[] | null, rest: Partial<EndpointSlice> = {}): EndpointSlice =>
  ({ metadata: { name }, addressType: 'IPv4', ports: [{ name: 'admin', port: 4444 }, { name: 'rope', port: 4443 }], endpoints, ...rest });

test('takes the address of each pod and the port named rope', () => {
  expect(endpointsOf([slice('calls-x', [pod('calls-0', '10.0.0.1'), pod('calls-1', '10.0.0.2')])])).toEqual([
    { url: 'ws://10.0.0.1:4443', name: 'calls-0', ready: true },
    { url: 'ws://10.0.0.2:4443', name: 'calls-1', ready: true },
  ]);
});

test.each([
  [{ ready: true }, true],
  [{ ready: false }, false],
  [{}, true], // Kubernetes: unknown means ready
  [undefined, true],
  [{ ready: true, serving: false }, false],
  [{ ready: true, serving: true, terminating: true }, false], // a Service that publishes what is not ready says so of all
])('reads conditions %j as ready: %s', (conditions, ready) => {
  const entry = { addresses: ['10.0.0.1'], conditions };
  expect(endpointsOf([slice('s', [entry])])).toEqual([{ url: 'ws://10.0.0.1:4443', name: undefined, ready }]);
});

test('counts a pod once that moves between two slices, and as ready only if both say so', () => {
  const moving = [slice('s1', [pod('calls-0', '10.0.0.1')]), slice('s2', [pod('calls-0', '10.0.0.1', { ready: false })])];
  expect(endpointsOf(moving)).toEqual([{ url: 'ws://10.0.0.1:4443', name: 'calls-0', ready: false }]);
  expect(endpointsOf(moving.toReversed())).toEqual(endpointsOf(moving));
});

test('counts a pod once that has addresses of two families, by IPv4', () => {
  const six = slice('s6', [pod('calls-0', 'fd00::1'), pod('calls-1', 'fd00::2')], { addressType: 'IPv6' });
  expect(endpointsOf([six, slice('s4', [pod('calls-0', '10.0.0.1')])])).toEqual([
    { url: 'ws://10.0.0.1:4443', name: 'calls-0', ready: true },
    { url: 'ws://[fd00::2]:4443', name: 'calls-1', ready: true },
  ]);
});

test.each([
  ['without ports', { ports: null }],
  ['without a port named rope', { ports: [{ name: 'admin', port: 1 }] }],
  ['without endpoints', { endpoints: null }],
  ['with an endpoint without address', { endpoints: [{ addresses: [] }] }],
])('finds nothing in a slice %s', (_, rest) => {
  expect(endpointsOf([slice('s', [pod('calls-0', '10.0.0.1')], rest)])).toEqual([]);
});
