// What is generated is committed; here it is held against its source.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from '@jest/globals';

import { generatedFiles } from '../generate.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

test('every generated file is what npm run generate would write', async () => {
  const files = await generatedFiles(ROOT);
  expect(files.map(([file]) => file)).toContain('crds/mediacluster.dev_mediaclusters.yaml');
  for (const [file, content] of files) expect([file, readFileSync(join(ROOT, file), 'utf8')]).toEqual([file, content]);
});
