export { FakeClock } from './fake-clock.ts';
export { MemoryLink, MemoryNetwork, MemoryTransport } from './memory-transport.ts';
export type { LinkTraits, MemoryNetworkOptions } from './memory-transport.ts';
