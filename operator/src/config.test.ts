import { describe, expect, test } from '@jest/globals';

import { helpText, readConfig } from './config.ts';
import { environmentName } from './options.ts';

const env = { MEDIACLUSTER_OPERATOR_NODE_IMAGE: 'node:1' };

describe('readConfig', () => {
  test('has a default for everything but the image of media nodes', () => {
    expect(readConfig([], env)).toEqual({
      watchNamespace: undefined, nodeImage: 'node:1', host: '0.0.0.0', port: 8080, workers: 4, podName: 'mediacluster-operator', logLevel: 'info',
    });
  });

  test('reads flags and environment; the flag wins', () => {
    const more = { ...env, MEDIACLUSTER_OPERATOR_PORT: '1', MEDIACLUSTER_OPERATOR_WATCH_NAMESPACE: 'media', MEDIACLUSTER_OPERATOR_LOG_LEVEL: 'debug' };
    expect(readConfig(['--port', '0', '--node-image=node:2'], more)).toMatchObject({ port: 0, nodeImage: 'node:2', watchNamespace: 'media', logLevel: 'debug' });
  });

  test('takes an empty namespace for all and an empty binding for none, as the chart writes them', () => {
    const empty = { MEDIACLUSTER_OPERATOR_WATCH_NAMESPACE: '', MEDIACLUSTER_OPERATOR_TOKEN_REVIEWERS_BINDING: '' };
    expect(readConfig([], { ...env, ...empty })).toMatchObject({ watchNamespace: undefined, tokenReviewersBinding: undefined });
    expect(readConfig(['--token-reviewers-binding', 'nodes'], env)).toMatchObject({ tokenReviewersBinding: 'nodes' });
  });

  test('names every wrong option, by where it came from', () => {
    expect(() => readConfig(['--port', 'x'], { MEDIACLUSTER_OPERATOR_WORKERS: '0' }))
      .toThrow(/MEDIACLUSTER_OPERATOR_NODE_IMAGE must name an image; --port must be a number; MEDIACLUSTER_OPERATOR_WORKERS must be 1 or more\. See --help/);
  });

  test('refuses a flag that there is not', () => {
    expect(() => readConfig(['--prot', '1'], env)).toThrow(expect.objectContaining({ code: 'OPERATOR_CONFIG', retryable: false, message: expect.stringContaining('--prot') }));
  });
});

test('--help has every option under both its names, with its default', () => {
  expect(readConfig(['--help'], {})).toBe('help');
  const text = helpText();
  for (const option of ['watch-namespace', 'node-image', 'host', 'port', 'workers', 'pod-name', 'log-level']) {
    expect(text).toContain(`--${option} `);
    expect(text).toContain(environmentName(option));
  }
  expect(text).toContain('[8080]');
});
