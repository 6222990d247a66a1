import { sizeOf } from '../protocol/codec.ts';
import type { Encoded } from '../protocol/codec.ts';

/** Acknowledged messages are only forgotten at once when there are so many of them. */
const COMPACT = 1_024;

/**
 * Numbered messages, oldest first, from the first that is not acknowledged on. One that was dropped leaves a `null`, so
 * that the numbers of the others stay.
 */
export class Queue {
  #messages: (Encoded | null)[] = [];
  /** Where the first one stands in `#messages`. */
  #head = 0;
  /** The number of the first one. */
  #first = 1;
  #bytes = 0;
  /** The numbers of media, oldest first; some may be acknowledged. */
  #media: number[] = [];
  #mediaHead = 0;
  #mediaBytes = 0;

  /** The number of the first one, or of the next one to come. */
  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#first + this.#messages.length - this.#head - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns its number. */
  push(message: Encoded, bytes: number, media: boolean): number {
    this.#messages.push(message);
    this.#bytes += bytes;
    const { last } = this;
    if (media) {
      this.#media.push(last);
      this.#mediaBytes += bytes;
    }
    return last;
  }

  /** The number must be one from `first` to `last`. */
  get(number: number): Encoded | null {
    return this.#messages[this.#head + number - this.#first]!;
  }

  /** Those up to this number are done with. */
  acknowledge(number: number): void {
    const until = Math.min(number, this.last);
    while (this.#first <= until) {
      this.#release(this.#first);
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head < COMPACT && this.#head < this.#messages.length) return;
    this.#messages.splice(0, this.#head);
    this.#head = 0;
  }

  /** Leaves a `null` in its place, if it is still there. */
  drop(number: number): void {
    if (number >= this.#first && number <= this.last) this.#release(number);
  }

  /** Drops the oldest media until so many bytes more fit under the limit, or none is left. */
  makeRoom(bytes: number, limit: number): boolean {
    const fits = () => this.#bytes === 0 || this.#bytes + bytes <= limit;
    while (!fits() && this.#dropMedia());
    return fits();
  }

  /** Drops the oldest media until there is no more of it than this. */
  limitMedia(limit: number): void {
    while (this.#mediaBytes > limit && this.#dropMedia());
  }

  /** The numbers of those that `which` names. */
  numbers(which: (message: Encoded) => boolean): number[] {
    const numbers: number[] = [];
    for (let number = this.#first; number <= this.last; number += 1) {
      const message = this.get(number);
      if (message !== null && which(message)) numbers.push(number);
    }
    return numbers;
  }

  /** Forgets all; the next number follows the last one. */
  skip(): void {
    this.#clear(this.last + 1);
  }

  /** Forgets all; the next number is 1. */
  reset(): void {
    this.#clear(1);
  }

  #clear(first: number): void {
    this.#first = first;
    this.#messages = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#media = [];
    this.#mediaHead = 0;
    this.#mediaBytes = 0;
  }

  #release(number: number): void {
    const index = this.#head + number - this.#first;
    const message = this.#messages[index]!;
    this.#messages[index] = null;
    const bytes = message === null ? 0 : sizeOf(message);
    this.#bytes -= bytes;
    // Media are released in their order, whether they are acknowledged or dropped.
    if (this.#media[this.#mediaHead] !== number) return;
    this.#mediaBytes -= bytes;
    this.#mediaHead += 1;
    if (this.#mediaHead < COMPACT && this.#mediaHead < this.#media.length) return;
    this.#media.splice(0, this.#mediaHead);
    this.#mediaHead = 0;
  }

  #dropMedia(): boolean {
    const oldest = this.#media[this.#mediaHead];
    if (oldest === undefined) return false;
    this.#release(oldest);
    return true;
  }
}
