import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let folder: string;

// Away from the repository there is no mediasoup to be found; of the SDK's dependencies the bundle asks for `debug` alone.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sdk-bundle-'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of ['debug', 'ms']) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  await run(process.execPath, [join(root, 'client-sdk/build.mjs'), join(folder, 'local-half.mjs')]);
});
afterAll(() => rm(folder, { recursive: true }));

it('carries mediasoup\'s pure functions to where no mediasoup is installed, for import and for require()', async () => {
  const program = `
    const half = require('./local-half.mjs');
    const capabilities = half.ortc.generateRouterRtpCapabilities([{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 }]);
    let mediasoup = 'there';
    try { require('mediasoup'); } catch (error) { mediasoup = error.code; }
    import('./local-half.mjs').then(imported => console.log(JSON.stringify({
      mediasoup,
      same: imported.NotFoundError === half.errors.NotFoundError,
      codec: capabilities.codecs[0].mimeType,
      layers: half.parseScalabilityMode('L3T2').spatialLayers,
      emitter: new half.EnhancedEventEmitter() instanceof require('node:events'),
    })));`;
  const { stdout } = await run(process.execPath, ['-e', program], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({ mediasoup: 'MODULE_NOT_FOUND', same: true, codec: 'audio/opus', layers: 3, emitter: true });
});

it('leaves the worker\'s channel behind, and carries each licence text', async () => {
  const code = await readFile(join(folder, 'local-half.mjs'), 'utf8');
  expect(code).not.toContain('child_process');
  expect(code.length).toBeLessThan(400_000);
  const notices = await readFile(join(folder, 'local-half.mjs.LICENSES.txt'), 'utf8');
  expect(notices).toContain('mediasoup 3.27.1 (ISC)');
  expect(notices).toContain('Permission to use, copy, modify, and/or distribute this software');
  expect(notices).toMatch(/flatbuffers [\d.]+ \(Apache-2.0\)/);
});
