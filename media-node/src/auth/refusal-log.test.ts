import { expect, test } from '@jest/globals';

import { RefusalLog } from './refusal-log.ts';

test('writes one line a second, counts the others, and repeats no token', () => {
  const lines: [object, string][] = [];
  let nowMs = 0;
  const log = new RefusalLog({ warn: (fields, event) => lines.push([fields, event]) }, () => nowMs);
  const add = (message: string, options?: ErrorOptions): void => log.add({ token: 'hunter2', peer: { address: '192.0.2.7' } }, Object.assign(new Error(message, options), { code: 'ROPE_UNAUTHORIZED' }));
  add('a wrong token');
  for (let count = 0; count < 1_000; count += 1) add('a wrong token');
  nowMs = 1_000;
  add('hunter2 is not known', { cause: new Error('webhook: hunter2 hunter2') });
  nowMs = 2_500;
  log.add({ peer: {} }, new Error('no token'));
  expect(lines).toEqual([
    [{ address: '192.0.2.7', code: 'ROPE_UNAUTHORIZED', why: 'a wrong token' }, 'refused'],
    [{ address: '192.0.2.7', code: 'ROPE_UNAUTHORIZED', why: '… is not known', because: 'webhook: … …', unwritten: 1_000 }, 'refused'],
    [{ why: 'no token' }, 'refused'],
  ]);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});
