export { FakeManager, FakeRouter, FakeWorker } from './fake-manager.ts';
export type { FakeManagerEvents, FakeManagerOptions } from './fake-manager.ts';
