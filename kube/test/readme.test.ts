import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { ScriptedServer } from '@mediacluster/kube/testing';
import * as kube from '@mediacluster/kube';

const pod = (resourceVersion: string): object => ({ metadata: { name: 'a', namespace: 'media', uid: 'u', resourceVersion } });

test('the README\'s first lines run', async () => {
  const server = await ScriptedServer.start();
  const dir = await mkdtemp(join(tmpdir(), 'kube-'));
  const config = join(dir, 'config');
  await writeFile(config, `current-context: k\ncontexts: [{ name: k, context: { cluster: k, user: k, namespace: media } }]\nclusters: [{ name: k, cluster: { server: "${server.url}" } }]\nusers: [{ name: k, user: { token: t } }]\n`);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, lines = ''] = /^```ts\n(.*?)^```/ms.exec(readme) ?? [];
  expect(lines.trim().split('\n').length).toBeLessThanOrEqual(12);
  const source = lines.replace('\'@mediacluster/kube\'', JSON.stringify(fileURLToPath(new URL('../src/index.ts', import.meta.url))));
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', source], { env: { PATH: process.env['PATH'], KUBECONFIG: config }, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
    if (output.includes('-')) child.kill('SIGINT');
  });

  const list = await server.next();
  expect(list.path).toBe('/api/v1/namespaces/media/pods');
  expect(list.headers.authorization).toBe('Bearer t');
  list.list([pod('1')], '5');
  const watch = await server.next();
  watch.event('MODIFIED', pod('6'));
  watch.event('DELETED', pod('7'));
  const code = await new Promise(resolve => { child.once('close', resolve); });
  expect([code, output]).toEqual([0, '+ media/a\n~ media/a\n- media/a\n']);
  await server.stop();
  await rm(dir, { recursive: true });
});

test('the package offers what it is agreed to', () => {
  expect(Object.keys(kube).toSorted()).toEqual([
    'Controller', 'EventRecorder', 'Informer', 'KubeError', 'Reflector', 'Store', 'TerminalError', 'WorkQueue',
    'connectKube', 'keyOf', 'kinds', 'ownerRefOf', 'splitKey', 'systemClock',
  ]);
});
