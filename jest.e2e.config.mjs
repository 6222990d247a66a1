// Scenarios on a real Kubernetes. One at a time: each has the machine to itself.
import base from './jest.config.mjs';

export default {
  ...base,
  testMatch: ['<rootDir>/e2e/scenarios/**/*.e2e.ts'],
  maxWorkers: 1,
  testTimeout: 120_000,
  verbose: true,
};
