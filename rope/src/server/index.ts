export { RopeServer } from './rope-server.ts';
export type { RopeServerEvents, RopeServerOptions } from './rope-server.ts';
export type { HandlerContext } from './dispatcher.ts';
export type { Outcome, RopeMetrics } from './metrics.ts';
export type { ServerSession, SessionEndReason } from './server-session.ts';
export type { SessionObject, SessionObjects } from './session-objects.ts';
export type { NewObject, Registry, RegistryEntry } from '../state/registry.ts';
export type { Handlers, MethodTable } from '../contract/contract.ts';
