/** What a timer is depends on the platform: an object in Node, a number in a browser. */
export type Timer = unknown;

/** Time as it is handed in, so that a test can make it. */
export interface Clock {
  /** Milliseconds from any fixed point; never runs backwards. */
  nowMs(): number;
  /** Never calls `callback` before it returns. */
  setTimeout(callback: () => void, delayMs: number): Timer;
  /** Does nothing for a timer that has fired or was cleared, or for `undefined`. */
  clearTimeout(timer: Timer): void;
  /** Calls back in a macrotask of its own, soon: after all microtasks, before any timer that is set later. */
  immediate(callback: () => void): void;
  /**
   * Calls back when this macrotask has nothing left to do, microtasks included; where the platform cannot tell, in a
   * macrotask of its own, soon.
   */
  endOfTick(callback: () => void): void;
}

type Schedule = (callback: () => void) => void;

/** What is used of a MessageChannel. */
interface Channel {
  readonly port1: { addEventListener(type: 'message', listener: () => void): void; start(): void };
  readonly port2: { postMessage(message: unknown): void };
}

/** `immediate` over a MessageChannel, for browsers: `setTimeout(…, 0)` is held back there to 4 ms once it nests. */
export function channelImmediate(channel: Channel = new MessageChannel()): Schedule {
  const waiting: (() => void)[] = [];
  channel.port1.addEventListener('message', () => waiting.shift()?.());
  channel.port1.start();
  return callback => {
    waiting.push(callback);
    channel.port2.postMessage(undefined);
  };
}

/** The end of a tick, by Node's `process.nextTick`. */
export function nextTickEnd(nextTick: Schedule): Schedule {
  // From a microtask on, nextTick comes when all microtasks are done; from elsewhere, before the first of them.
  return callback => queueMicrotask(() => nextTick(callback));
}

const { setImmediate, process } = globalThis;
/* v8 ignore next -- the second half is for browsers, where the tests do not run; channelImmediate() is tested for itself */
const immediate: Schedule = typeof setImmediate === 'function' ? callback => void setImmediate(callback) : channelImmediate();

/** The platform's own time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  setTimeout: (callback, delayMs) => globalThis.setTimeout(callback, delayMs),
  clearTimeout: timer => globalThis.clearTimeout(timer as Parameters<typeof globalThis.clearTimeout>[0]),
  immediate,
  /* v8 ignore next -- the second half is for browsers, where the tests do not run */
  endOfTick: typeof process?.nextTick === 'function' ? nextTickEnd(callback => process.nextTick(callback)) : immediate,
};
