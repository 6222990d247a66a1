import { expect, test } from '@jest/globals';

import { childLabels, MANAGED_SELECTOR, podSelector, selectorText } from './labels.ts';

test('what selects the pods is among the labels of every child', () => {
  expect(childLabels('calls')).toMatchObject(podSelector('calls'));
});

test('what the informers watch selects every child', () => {
  const labels: Record<string, string> = childLabels('calls');
  for (const part of MANAGED_SELECTOR.split(',')) {
    const [name = '', value] = part.split('=');
    if (value === undefined) expect(labels).toHaveProperty([name]);
    else expect(labels[name]).toBe(value);
  }
});

test('a selector is written as kubectl takes it', () => {
  expect(selectorText(podSelector('calls'))).toBe('app.kubernetes.io/name=mediacluster-node,mediacluster.dev/cluster=calls');
});
