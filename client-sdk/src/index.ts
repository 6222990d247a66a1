export { LocalManager } from './local/local-manager.ts';
export type { LocalManagerEvents, LocalManagerOptions } from './local/local-manager.ts';
export { MediasoupHorizontal } from './horizontal/horizontal.ts';
export type { HorizontalEvents } from './horizontal/horizontal.ts';
export type { CombinedStats } from './horizontal/combine-stats.ts';
export * from './errors.ts';
export { nodeNameOf } from './node-name.ts';
export type { ManagerLike, Mediasoup, MediasoupManager, NodeAbilities, NodeInfo, NodeStats } from './manager.ts';
