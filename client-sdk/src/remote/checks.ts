/** mediasoup's own check; the node is not given what the app passed, so it cannot make it. */
export function checkAppData(appData: unknown): void {
  if (appData && typeof appData !== 'object') throw new TypeError('if given, appData must be an object');
}

/** mediasoup's own check of what `enableTraceEvent()` is given. */
export function checkTraceTypes(types: unknown): void {
  if (!Array.isArray(types)) throw new TypeError('types must be an array');
  if (types.some(type => typeof type !== 'string')) throw new TypeError('every type must be a string');
}

/** mediasoup's own check of an id that the app chose. */
export function checkId(known: { has(id: string): boolean }, id: string | undefined, what: string): void {
  if (id && known.has(id)) throw new TypeError(`a ${what} with same id "${id}" already exists`);
}

/**
 * mediasoup's own check of where a transport listens.
 *
 * @param ways one for each name; what is falsy is not given
 */
export function checkListen(ways: readonly unknown[], names: string): void {
  if (!ways.some(Boolean)) throw new TypeError(`missing ${names} (one of them is mandatory)`);
  if (ways.every(Boolean)) throw new TypeError(`only one of ${names} must be given`);
}

/** mediasoup's own check of what both RTP observers take. */
export function checkInterval({ interval }: { readonly interval?: unknown }): void {
  if (interval !== undefined && typeof interval !== 'number') throw new TypeError('if given, interval must be an number');
}

/** mediasoup's own check of what an AudioLevelObserver takes. */
export function checkAudioLevels({ maxEntries = 1, threshold = -80 }: { readonly maxEntries?: unknown; readonly threshold?: unknown }): void {
  if (typeof maxEntries !== 'number' || maxEntries <= 0) throw new TypeError('if given, maxEntries must be a positive number');
  if (typeof threshold !== 'number' || threshold < -127 || threshold > 0) {
    throw new TypeError('if given, threshole must be a negative number greater than -127');
  }
}

/** A message as the contract carries it, which keeps text and bytes apart. The bytes are a copy: the app may use its own again at once. */
export function contentOf(message: unknown): { readonly text: string } | { readonly data: Uint8Array } {
  if (typeof message === 'string') return { text: message };
  if (!Buffer.isBuffer(message)) throw new TypeError('message must be a string or a Buffer');
  return { data: Buffer.from(message) };
}

/** A fresh copy, as mediasoup's getters return it. */
export function clone<T>(value: T): T {
  return value === undefined ? value : structuredClone(value);
}
