// The scenarios: one at a time, since each has the whole machine, and with time for what is built once.
import unit from '../jest.config.mjs';

export default {
  ...unit,
  rootDir: '..',
  testMatch: ['<rootDir>/e2e/scenarios/**/*.e2e.ts'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
