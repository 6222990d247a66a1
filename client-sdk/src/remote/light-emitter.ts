import createDebug from 'debug';

import { EnhancedEventEmitter } from './local-half.ts';

const log = createDebug('mediacluster:remote');

/** What Node's EventEmitter keeps of its own in each object. */
interface Bare {
  _events: unknown;
  _eventsCount: number;
  _maxListeners: number | undefined;
}

/**
 * What EventEmitter's constructor does, but for the table of listeners: Node makes one at the first `on()`, as after
 * `removeAllListeners()`. Most of the objects that an app knows of have no listener ever, and the table weighs more than they do.
 */
function bare(this: Bare): void {
  this._events = undefined;
  this._eventsCount = 0;
  // Twice: a field that has held no number only is kept as a reference to Infinity, not as a number in a box of its own.
  this._maxListeners = undefined;
  this._maxListeners = Number.POSITIVE_INFINITY; // as mediasoup
}
bare.prototype = EnhancedEventEmitter.prototype;

/**
 * mediasoup's emitter, for objects of which there are many. An exception in a listener is logged and told as `listenererror`, as
 * mediasoup does with a listener of its own on each object.
 */
export const LightEmitter: typeof EnhancedEventEmitter = bare as unknown as typeof EnhancedEventEmitter;

/** mediasoup's `safeEmit()`, on an object whose events the compiler cannot check. */
export function emitSafely(emitter: EnhancedEventEmitter, event: string, args: readonly unknown[]): boolean {
  try {
    return emitter.emit(event, ...args);
  } catch (error) {
    log('a listener of %s threw: %o', event, error);
    try {
      emitter.emit('listenererror', event, error as Error);
    } catch {
      // A listener of `listenererror` that throws must not harm whoever emitted the first event.
    }
    return emitter.listenerCount(event) > 0;
  }
}
