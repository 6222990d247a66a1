import { EventEmitter } from 'node:events';

import type { EnhancedEventEmitter } from 'mediasoup/extras';

type AnyListener = (...args: unknown[]) => void;

class Emitter extends EventEmitter {
  static override readonly name: string = 'EnhancedEventEmitter';

  constructor() {
    super();
    this.setMaxListeners(Number.POSITIVE_INFINITY);
  }

  override addListener(event: string, listener: AnyListener): this {
    return this.on(event, listener); // as mediasoup: a subclass that overrides `on` hears of both
  }

  safeEmit(event: string, ...args: unknown[]): boolean {
    try {
      return this.emit(event, ...args);
    } catch (error) {
      try {
        this.emit('listenererror', event, error);
      } catch {
        // A listener of `listenererror` that throws must not harm whoever emitted the first event.
      }
      return this.listenerCount(event) > 0;
    }
  }
}

/**
 * mediasoup's `EnhancedEventEmitter`, without mediasoup: any number of listeners, and `safeEmit()`, which turns a listener's exception
 * into the event `listenererror` instead of throwing it at whoever emitted.
 */
export const ObjectEmitter: typeof EnhancedEventEmitter = Emitter as unknown as typeof EnhancedEventEmitter;
