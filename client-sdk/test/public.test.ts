import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';
import * as sdk from '@mediacluster/sdk';
import * as conformance from '@mediacluster/sdk/conformance';
import * as kubernetes from '@mediacluster/sdk/kubernetes';
import * as testing from '@mediacluster/sdk/testing';

const errors = ['ClusterUnreachableError', 'ConfigError', 'DestroyedError', 'IncompatibleError', 'NoCapacityError', 'NodeDrainingError', 'PipeAddressError', 'SdkError'];

test('the package says what it offers, and nothing else', () => {
  expect(Object.keys(sdk).toSorted()).toEqual([...errors, 'LocalManager', 'MediaCluster', 'MediasoupHorizontal', 'RemoteMediasoupClient', 'mediasoupGetStatsFactory', 'nodeNameOf'].toSorted());
  expect(Object.keys(kubernetes).toSorted()).toEqual([...errors, 'MediaCluster'].toSorted());
  expect(Object.keys(conformance).toSorted()).toEqual(['INTERNAL_MEMBERS', 'conformance', 'differentMembers', 'differentModuleMembers', 'membersOf', 'quirks', 'runConformance', 'suites']);
  expect(Object.keys(testing).toSorted()).toEqual(['FakeManager', 'FakeRouter', 'FakeWorker']);
  expect(kubernetes.MediaCluster.prototype).toBeInstanceOf(sdk.MediaCluster);
});

test.each(['index', 'kubernetes'])('%s can be required: nothing in it awaits at the top level', async entry => {
  const built = fileURLToPath(new URL(`../dist/${entry}.js`, import.meta.url));
  const script = `const sdk = require(${JSON.stringify(built)}); console.log(typeof sdk.MediaCluster)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '-e', script]);
  expect(stdout.trim()).toBe('function');
});

test('the conformance suite runs in node:test', async () => {
  const built = new URL('../dist/conformance/index.js', import.meta.url).href;
  const script = `
    import { after, describe, test } from 'node:test';
    import * as mediasoup from 'mediasoup';
    import { conformance, suites } from ${JSON.stringify(built)};
    conformance({ open: () => ({ mediasoup }), suites: suites.filter(({ title }) => title === 'pausing') }, { describe, test, after });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--test-reporter=tap', '--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('..', import.meta.url)) });
  expect(stdout).toMatch(/^# pass 12$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
