import { describe, expect, test } from '@jest/globals';

import { ConfigError } from '../errors.ts';
import { OPTIONS, environmentName, helpText, outerAddress, readConfig } from './config.ts';
import type { Config } from './config.ts';

const machine = { name: 'box', address: '192.0.2.1' };
const auth = { kubernetes: false, allow: [], scopes: { token: ['own'], certificate: ['own'], serviceaccount: ['own'] } };
const read = (argv: string[] = [], env: Record<string, string> = {}): Config => readConfig(argv, env, machine) as Config;

describe('the configuration', () => {
  test('has defaults that serve this machine alone', () => {
    expect(read()).toEqual({
      host: '127.0.0.1', port: 4443, adminHost: '127.0.0.1', adminPort: 9090, nodeName: 'box', nodeId: 'box', announcedAddress: '127.0.0.1',
      pipeAddress: '127.0.0.1', webrtcServer: 'off', fixedPorts: false, maxWorkers: Number.POSITIVE_INFINITY, allowWorkerBin: false, leaseMs: 30_000, heartbeatMs: 5_000,
      maxMessageBytes: 4_194_304, logLevel: 'info', auth,
    });
  });

  test('takes the machine\'s address where the node is open to others', () => {
    expect(read(['--host', '0.0.0.0'])).toMatchObject({ adminHost: '0.0.0.0', announcedAddress: '192.0.2.1', pipeAddress: '192.0.2.1' });
    expect(read(['--host', '::1'])).toMatchObject({ announcedAddress: '127.0.0.1' });
    expect(readConfig([], {})).toMatchObject({ host: '127.0.0.1' });
  });

  test('knows which address of a machine others reach', () => {
    const address = (address: string, internal = false): NonNullable<Parameters<typeof outerAddress>[0][string]>[number] =>
      ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4', netmask: '', mac: '', cidr: null, scopeid: 0 }) as never;
    expect(outerAddress({ lo: [address('127.0.0.1', true)], gone: undefined })).toBe('127.0.0.1');
    expect(outerAddress({ lo: [address('127.0.0.1', true)], a: [address('2001:db8::1')] })).toBe('2001:db8::1');
    expect(outerAddress({ a: [address('2001:db8::1'), address('192.0.2.9')] })).toBe('192.0.2.9');
  });

  test('reads every option from a flag and from the environment, the flag first', () => {
    const values: Record<string, string> = {
      host: '10.0.0.1', port: '0', 'admin-host': '10.0.0.2', 'admin-port': '1', 'node-name': 'calls-0', 'node-id': 'abc', 'announced-address': '203.0.113.1',
      'pipe-address': '10.0.0.3', 'webrtc-server': 'auto', 'fixed-ports': 'true', 'rtc-ports': '40000-40099', 'pipe-ports': '41000-41999', 'max-workers': '16', 'allow-worker-bin': 'true',
      'lease-ms': '1000', 'heartbeat-ms': '500', 'max-message-bytes': '65536', 'log-level': 'warn',
      'auth-token-file': '/tokens', 'auth-kubernetes': 'true', 'auth-allow': 'shop/api, video/*', 'auth-scopes': 'token=own+all, serviceaccount=observe',
      'tls-cert': '/tls.crt', 'tls-key': '/tls.key', 'tls-client-ca': '/ca.crt',
    };
    expect(Object.keys(values).sort()).toEqual(Object.keys(OPTIONS).sort());
    const expected = {
      host: '10.0.0.1', port: 0, adminHost: '10.0.0.2', adminPort: 1, nodeName: 'calls-0', nodeId: 'abc', announcedAddress: '203.0.113.1',
      pipeAddress: '10.0.0.3', webrtcServer: 'auto', fixedPorts: true, rtcPorts: { min: 40_000, max: 40_099 }, pipePorts: { min: 41_000, max: 41_999 },
      maxWorkers: 16, allowWorkerBin: true, leaseMs: 1000, heartbeatMs: 500, maxMessageBytes: 65_536, logLevel: 'warn',
      auth: { tokenFile: '/tokens', kubernetes: true, allow: ['shop/api', 'video/*'], scopes: { token: ['own', 'all'], certificate: ['own'], serviceaccount: ['observe'] } },
      tls: { cert: '/tls.crt', key: '/tls.key', clientCa: '/ca.crt' },
    };
    expect(read(Object.entries(values).flatMap(([name, value]) => (value === 'true' ? [`--${name}`] : [`--${name}`, value])))).toEqual(expected);
    const env = Object.fromEntries(Object.entries(values).map(([name, value]) => [environmentName(name), value]));
    expect(read([], env)).toEqual(expected);
    expect(read(['--node-name', 'flag'], env)).toMatchObject({ nodeName: 'flag' });
    expect(read([], { MEDIASOUP_SERVER_ALLOW_WORKER_BIN: '1' })).toMatchObject({ allowWorkerBin: true });
    expect(environmentName('max-workers')).toBe('MEDIASOUP_SERVER_MAX_WORKERS');
  });

  test.each([
    [['--port', '70000'], /--port must be 65535 or less \(it is "70000"\)/],
    [['--port', 'http'], /--port must be a number/],
    [['--max-workers', '0'], /--max-workers must be more than 0/],
    [['--webrtc-server', 'on'], /--webrtc-server must be auto or off/],
    [['--rtc-ports', '9-1'], /--rtc-ports must lie between 1 and 65535, the lower port first/],
    [['--rtc-ports', 'some'], /--rtc-ports must be two ports with a dash/],
    [['--node-name', ' '], /--node-name must not be empty/],
    [['--fixed-ports'], /--fixed-ports needs --webrtc-server auto/],
    [['--auth-allow', 'shop/api'], /--auth-allow needs --auth-kubernetes/],
    [['--auth-kubernetes', '--auth-allow', 'api'], /--auth-allow must be ServiceAccounts with a comma between them, such as shop\/api,video\/\*/],
    [['--auth-scopes', 'own'], /--auth-scopes must read as token=own\+all,serviceaccount=own/],
    [['--auth-scopes', 'token=own,person=own'], /--auth-scopes must read/],
    [['--auth-scopes', 'token=everything'], /--auth-scopes must read/],
    [['--tls-cert', 'a.pem'], /--tls-cert and --tls-key need each other/],
    [['--tls-key', 'a.pem'], /--tls-cert and --tls-key need each other/],
    [['--tls-client-ca', 'a.pem'], /--tls-client-ca needs --tls-cert and --tls-key/],
    [['--colour', 'red'], /'--colour'/],
    [['serve'], /serve/],
  ])('refuses %p and says what it may be', (argv, message) => {
    expect(() => read(argv)).toThrow(ConfigError);
    expect(() => read(argv)).toThrow(message);
  });

  test('takes a token from the environment alone, and repeats it nowhere', () => {
    expect(read([], { MEDIACLUSTER_TOKEN: ' hunter2\n' }).auth).toEqual({ ...auth, token: 'hunter2' });
    expect(read([], { MEDIACLUSTER_TOKEN: ' ' }).auth).toEqual(auth);
    expect(() => read(['--port', 'x'], { MEDIACLUSTER_TOKEN: 'hunter2' })).not.toThrow(/hunter2/);
    expect(() => read(['--auth-token', 'hunter2'])).toThrow(/Unknown option '--auth-token'/);
    expect(() => read(['--auth-token', 'hunter2'])).not.toThrow(/hunter2/);
    expect(read(['--tls-cert', 'a', '--tls-key', 'b']).tls).toEqual({ cert: 'a', key: 'b' });
  });

  test('names every wrong option at once, and where it came from', () => {
    expect(() => read(['--port', 'x'], { MEDIASOUP_SERVER_LEASE_MS: '-1' })).toThrow(/--port .*; MEDIASOUP_SERVER_LEASE_MS must be more than 0/);
  });

  test('has a help text with every option, its variable and its default', () => {
    expect(readConfig(['--help'], {}, machine)).toBe('help');
    const help = helpText('mediasoup-server');
    for (const name of Object.keys(OPTIONS)) {
      expect(help).toContain(`--${name}`);
      expect(help).toContain(environmentName(name));
    }
    expect(help).toContain('[4443]');
    expect(help).toContain('MEDIACLUSTER_TOKEN, a variable alone');
  });
});
