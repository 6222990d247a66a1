import type { Clock, Timer } from '../clock.ts';

/** What a heartbeat needs to know. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  /** How often to ask. */
  readonly intervalMs: number;
  /** The link counts as broken after so long without a word. */
  readonly silenceMs: number;
  /** A number from 0 to 1: how much of the first interval is left out, so that many clients do not ask at the same moment. Default: 0. */
  readonly random?: () => number;
  /** Asks the peer; the number is new each time. Absent for the side that only listens. */
  readonly ping?: (number: number) => void;
  /** Called at each beat, for what else is due then. */
  readonly beat?: () => void;
  /** Called once, when the peer has been silent for too long. */
  readonly dead: () => void;
}

/**
 * Asks whether the peer is still there. Every frame counts as a sign of life, so nothing but a number is written per
 * message, and one timer runs per link.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Timer;
  #heardAtMs: number;
  #nextPingAtMs: number;
  #expectedAtMs = 0;
  #pings = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.nowMs();
    this.#nextPingAtMs = this.#heardAtMs + options.intervalMs * (1 - (options.random?.() ?? 0));
    this.#schedule();
  }

  /** The peer has said something. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.nowMs();
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
  }

  #schedule(): void {
    const { clock, silenceMs } = this.#options;
    const nowMs = clock.nowMs();
    this.#expectedAtMs = Math.max(nowMs, Math.min(this.#nextPingAtMs, this.#heardAtMs + silenceMs));
    this.#timer = clock.setTimeout(() => this.#tick(), this.#expectedAtMs - nowMs);
  }

  #tick(): void {
    const { clock, intervalMs, silenceMs, ping, beat, dead } = this.#options;
    const nowMs = clock.nowMs();
    // When this process itself stood still, words of the peer may lie unread: timers run before sockets are read.
    const stoodStill = nowMs - this.#expectedAtMs > intervalMs;
    if (stoodStill) this.#heardAtMs = Math.max(this.#heardAtMs, nowMs - silenceMs + intervalMs);
    if (nowMs - this.#heardAtMs >= silenceMs) return dead();
    if (nowMs >= this.#nextPingAtMs) {
      this.#nextPingAtMs = nowMs + intervalMs;
      this.#pings += 1;
      ping?.(this.#pings);
      beat?.();
    }
    this.#schedule();
  }
}
