import { expect, test } from '@jest/globals';

import { firstAddress } from './this-node.ts';

const address = (address: string, rest: object = {}) => ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', internal: false, scopeid: 0, ...rest }) as never;

test('takes the first address that others may reach, IPv4 first', () => {
  const lo = [address('127.0.0.1', { internal: true }), address('::1', { internal: true })];
  expect(firstAddress({ lo, eth0: [address('fe80::1', { scopeid: 2 }), address('fd00::1'), address('10.0.0.1')], eth1: [address('10.0.0.2')] })).toBe('10.0.0.1');
  expect(firstAddress({ lo, eth0: [address('fe80::1', { scopeid: 2 }), address('fd00::1')] })).toBe('fd00::1');
  expect(firstAddress({ lo, gone: undefined })).toBeUndefined();
});
