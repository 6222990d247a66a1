import { readFileSync } from 'node:fs';

import { expect, jest, test } from '@jest/globals';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the README opens with an example that runs', async () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('readme-example.ts')}\`\`\``);
  const said: string[] = [];
  const closed = Promise.withResolvers<void>();
  const spy = jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    said.push(words.join(' '));
    if (words[0] === 'closed') closed.resolve();
  });
  await import('./readme-example.ts');
  await closed.promise;
  spy.mockRestore();
  // What b hears and what a is told come over two sockets.
  expect(new Set(said)).toEqual(new Set(['a is told 5 and reads 5', 'b hears change by 5 now 5', 'b hears change by 2 now 7', 'b is told 7 and reads 7', 'closed']));
  expect(said.indexOf('b hears change by 2 now 7')).toBeLessThan(said.indexOf('b is told 7 and reads 7'));
});
