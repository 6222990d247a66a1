import { UnsupportedError } from './local-half.ts';

/** mediasoup's own check; `appData` never travels, so the node cannot make it. */
export function checkAppData(appData: unknown): void {
  if (appData && typeof appData !== 'object') throw new TypeError('if given, appData must be an object');
}

/** mediasoup's own check of what `enableTraceEvent()` is given. */
export function checkTraceTypes(types: unknown): void {
  if (!Array.isArray(types)) throw new TypeError('types must be an array');
  if (types.some(type => typeof type !== 'string')) throw new TypeError('every type must be a string');
}

/** The error of a member that the protocol does not carry yet. `docs/differences.md` lists them all. */
export function notCarried(member: string): UnsupportedError {
  return new UnsupportedError(`${member} is not carried to a media node yet: see docs/differences.md`);
}

/** A fresh copy, as mediasoup's getters return it. */
export function clone<T>(value: T): T {
  return value === undefined ? value : structuredClone(value);
}
