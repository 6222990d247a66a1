import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { CANNOT_PASS_REMOTE } from './cannot-pass.ts';

test('at most four tests of mediasoup are excused', () => {
  expect(CANNOT_PASS_REMOTE.length).toBeLessThanOrEqual(4);
});

test.each(CANNOT_PASS_REMOTE)('in place of $suite: $test there is one of ours', ({ instead: { file, title } }) => {
  const source = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  expect(source.replaceAll("\\'", "'")).toContain(`'${title}'`);
});
