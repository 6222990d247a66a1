// Scenarios on a real Kubernetes. One at a time: each has the machine to itself.
import base from './jest.config.mjs';

// With a memory limit Jest would start a process for each file, which a signal to Jest alone leaves behind, cluster and all.
const { workerIdleMemoryLimit: _, ...rest } = base;

export default {
  ...rest,
  testMatch: ['<rootDir>/e2e/scenarios/**/*.e2e.ts'],
  maxWorkers: 1,
  testTimeout: 120_000,
  verbose: true,
};
