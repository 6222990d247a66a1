import { readFileSync } from 'node:fs';

import { expect, jest, test } from '@jest/globals';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the README opens with an example that runs', async () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('readme-example.ts')}\`\`\``);
  const said: unknown[] = [];
  const closed = Promise.withResolvers<void>();
  const spy = jest.spyOn(console, 'log').mockImplementation((word: unknown) => {
    said.push(word);
    if (word === 'closed') closed.resolve();
  });
  await import('./readme-example.ts');
  await closed.promise;
  spy.mockRestore();
  expect(said).toEqual([5, 'closed']);
});
