import { describe, expect, test } from '@jest/globals';

import { CLUSTERS, bridgeOf, cableOf, layoutOf } from './layout.ts';

describe('layoutOf', () => {
  test('gives each node its own address and its own network of pods', () => {
    const { nodes, gateway } = layoutOf('dev', 77, 2);
    expect(nodes).toEqual([
      { name: 'kube-1', address: '172.31.77.11', podCidr: '10.77.1.0/24' },
      { name: 'kube-2', address: '172.31.77.12', podCidr: '10.77.2.0/24' },
    ]);
    expect(gateway).toBe('172.31.77.1');
  });

  test('lets the two clusters that may run side by side share nothing', () => {
    const own = (name: keyof typeof CLUSTERS) => {
      const { nodes, gateway, runDir, logDir } = layoutOf(name, CLUSTERS[name], 9);
      return [gateway, runDir, logDir, ...nodes.flatMap(({ address, podCidr }) => [address, podCidr])];
    };
    expect(own('dev').filter(address => own('e2e').includes(address))).toEqual([]);
  });

  test('refuses what would not fit into the name of an interface, which has 15 characters', () => {
    const longest = 'a'.repeat(9);
    const links = [bridgeOf(longest), ...layoutOf(longest, 1, 9).nodes.map(({ name }) => cableOf(longest, name))];
    expect(Math.max(...links.map(link => link.length))).toBeLessThanOrEqual(15);
    expect(() => layoutOf(`${longest}a`, 1, 1)).toThrow(TypeError);
  });

  test.each([['a name with a slash', '../x', 1, 1], ['no node', 'a', 1, 0], ['ten nodes', 'a', 1, 10], ['half a node', 'a', 1, 1.5], ['a subnet of 255', 'a', 255, 1]])('refuses %s', (_, name, subnet, nodes) => {
    expect(() => layoutOf(name, subnet, nodes)).toThrow(TypeError);
  });
});
