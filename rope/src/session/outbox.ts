import type { Clock } from '../clock.ts';
import { encodeDataFrame, encodeFrame } from '../protocol/codec.ts';
import type { Transport } from './transport.ts';

/** A frame is cut here: fewer, larger frames cost less each, but beyond this size they only delay (measured: 16 to 64 KiB are alike). */
const FRAME_CHARS = 32 * 1_024;

interface Kept {
  readonly number: number;
  readonly text: string;
}

/**
 * What leaves: messages get their numbers here and go out once per tick, in one frame where it is not too long. Those
 * that must survive a broken link are kept until the peer has acknowledged them.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #received: () => number;
  #transport: Transport | undefined;
  #texts: string[] = [];
  #scheduled = false;
  /** The number of the last message that was put in. */
  #last = 0;
  #kept: Kept[] = [];

  /** `received` tells the number of the last message that came in, for the acknowledgement. */
  constructor(clock: Clock, received: () => number) {
    this.#clock = clock;
    this.#received = received;
  }

  /** The number of the last message. */
  get last(): number {
    return this.#last;
  }

  /** Starts numbering anew, on another transport. */
  attach(transport: Transport): void {
    this.#transport = transport;
    this.#texts = [];
    this.#last = 0;
  }

  detach(): void {
    this.#transport = undefined;
    this.#texts = [];
  }

  /** Sends it at the end of this tick. With `keep` it can be had back by `takeUnacknowledged()`. Returns its number. */
  push(text: string, keep = false): number {
    this.#texts.push(text);
    this.#last += 1;
    if (keep) this.#kept.push({ number: this.#last, text });
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#clock.endOfTick(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    return this.#last;
  }

  /** The peer has everything up to this number. */
  acknowledged(number: number): void {
    if (this.#kept.length === 0) return;
    const still = this.#kept.findIndex(kept => kept.number > number);
    this.#kept = still < 0 ? [] : this.#kept.slice(still);
  }

  /** What was kept and is not acknowledged, oldest first; it is no longer kept. */
  takeUnacknowledged(): string[] {
    const texts = this.#kept.map(kept => kept.text);
    this.#kept = [];
    return texts;
  }

  /** Sends what is waiting now. */
  flush(): void {
    const texts = this.#texts;
    if (texts.length === 0 || !this.#transport) return;
    this.#texts = [];
    const ack = this.#received();
    let number = this.#last - texts.length + 1;
    const frames: string[] = [];
    let from = 0;
    let chars = 0;
    for (const [index, text] of texts.entries()) {
      if (index > from && chars + text.length > FRAME_CHARS) {
        frames.push(encodeDataFrame(number, ack, texts.slice(from, index)));
        number += index - from;
        from = index;
        chars = 0;
      }
      chars += text.length;
    }
    frames.push(encodeDataFrame(number, ack, from === 0 ? texts : texts.slice(from)));
    this.#transport.sendAll(frames);
  }

  /** Acknowledges without a message. */
  sendAck(): void {
    this.#transport?.send(encodeFrame({ ack: this.#received() }));
  }
}
