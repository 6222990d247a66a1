import { globSync, readFileSync } from 'node:fs';

// One configuration for every package. Packages see each other's source here, so that coverage counts across them.
const source = name => `<rootDir>/${name}/src`;

const SOURCES = '{rope,kube,client-sdk,media-node,operator}/src/**/*.ts';

/** Files that only ever run as a process of their own, which is not measured here; a test starts each of them. */
const PROGRAMS = [
  '!media-node/src/cli/mediasoup-server.ts', // media-node/test/mediasoup-server.test.ts
  '!client-sdk/src/cli.ts', // client-sdk/test/cli.test.ts
  '!client-sdk/src/register.ts', // media-node/test/register.test.ts
  '!operator/src/main.ts', // e2e/scenarios/, in a cluster
];

/** A file of types alone has nothing to run, and would be counted as never run. */
const isTypesOnly = file => !/^(?:export (?!type |interface )|import (?!type )|const |function |class )/m.test(readFileSync(new URL(file, import.meta.url), 'utf8'));
const typesOnly = globSync(SOURCES, { cwd: import.meta.dirname }).filter(isTypesOnly);

export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts', '<rootDir>/tools/test/**/*.test.mjs'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' }] },
  moduleNameMapper: {
    '^@mediacluster/rope$': `${source('rope')}/index.ts`,
    '^@mediacluster/rope/(server|contract|testing)$': `${source('rope')}/$1/index.ts`,
    '^@mediacluster/kube$': `${source('kube')}/index.ts`,
    '^@mediacluster/kube/testing$': `${source('kube')}/testing/index.ts`,
    '^@mediacluster/sdk$': `${source('client-sdk')}/index.ts`,
    '^@mediacluster/sdk/(kubernetes|mock)$': `${source('client-sdk')}/$1.ts`,
    '^@mediacluster/sdk/(testing|conformance)$': `${source('client-sdk')}/$1/index.ts`,
    '^@mediacluster/media-node$': `${source('media-node')}/index.ts`,
  },
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
  coverageProvider: 'v8',
  collectCoverageFrom: [SOURCES, ...typesOnly.map(file => `!${file}`), '!**/*.test.ts', '!**/testing/**', ...PROGRAMS],
  testTimeout: 30_000,
};
