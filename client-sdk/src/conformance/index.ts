export { conformance, runConformance } from './conformance.ts';
export type { ConformanceOptions, Framework, Outcome, Target } from './conformance.ts';
export { INTERNAL_MEMBERS, differentMembers, differentModuleMembers, membersOf } from './members.ts';
export type { Members } from './members.ts';
export { quirks } from './suite.ts';
export { suites } from './suites.ts';
export type { Ability, Case, Quirk, Suite } from './suite.ts';
export type { ConnectPeer, WebRtcPeer } from './web-rtc-peer.ts';
