export { FakeClock } from './fake-clock.ts';
export { ScriptedRequest, ScriptedServer } from './scripted-server.ts';
export type { ScriptedTls } from './scripted-server.ts';
