import type { Clock } from '../clock.ts';
import { encodeBinaryFrame } from '../protocol/binary.ts';
import { encodeDataFrame, encodeFrame, sizeOf } from '../protocol/codec.ts';
import type { Encoded, EncodedBytes } from '../protocol/codec.ts';
import { Queue } from './queue.ts';
import { traceSent, wire } from './trace.ts';
import type { Transport } from './transport.ts';

/** A frame is cut here: fewer, larger frames cost less each, but beyond this size they only delay (measured: 16 to 64 KiB are alike). */
const FRAME_BYTES = 32 * 1_024;
/** What waits for the end of a tick leaves earlier once it is so much: the peer may begin meanwhile. */
const EAGER_BYTES = 64 * 1_024;
/** With so much unsent at the socket nothing more is given to it: there it could not be dropped any more. */
const HIGH_WATER_BYTES = 1_024 * 1_024;
/** More media than this is not held: a reader that is behind by so much wants the newest. */
const MEDIA_BYTES = 2 * 1_024 * 1_024;

/** What has left, since the beginning. */
export interface Sent {
  readonly frames: number;
  readonly bytes: number;
}

/**
 * What leaves: messages get their numbers here, go out once per tick in as few frames as make sense, and are kept until
 * the peer has acknowledged them, over as many links as it takes.
 *
 *     … acknowledged │ first … sent │ … waiting … last
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #received: () => number;
  readonly #queue = new Queue();
  #transport: Transport | undefined;
  /** The number of the last message that the present transport was given. */
  #sent = 0;
  /** The number of the last message that any transport was given. */
  #reached = 0;
  /** What was put in since the last frame was made. */
  #waitingBytes = 0;
  #scheduled = false;
  #ackDue = false;
  #frames = 0;
  #bytes = 0;

  /** `received` tells the number of the last message that came in, for the acknowledgement. */
  constructor(clock: Clock, received: () => number) {
    this.#clock = clock;
    this.#received = received;
  }

  /** The number of the last message. */
  get last(): number {
    return this.#queue.last;
  }

  /** The number of the last message that has been given to a link, whether or not it arrived. */
  get reached(): number {
    return this.#reached;
  }

  /** The number of the last message that the peer has acknowledged. */
  get acknowledged(): number {
    return this.#queue.first - 1;
  }

  /** What is kept: not acknowledged, or not even sent. */
  get keptBytes(): number {
    return this.#queue.bytes;
  }

  /** Messages that wait for a link, or for room in the present one. */
  get waiting(): number {
    return this.last - this.#sent;
  }

  get statistics(): Sent {
    return { frames: this.#frames, bytes: this.#bytes };
  }

  /** Goes on over this transport: what the peer has not received leaves (again) at the end of this tick. */
  attach(transport: Transport, peerReceived: number): void {
    this.#transport = transport;
    this.#queue.acknowledge(peerReceived);
    this.#sent = this.#queue.first - 1;
    this.#schedule();
  }

  detach(): void {
    this.#transport = undefined;
    this.#ackDue = false;
  }

  /** Whether what follows this number is still here. */
  canReplay(received: number): boolean {
    return received >= this.#queue.first - 1 && received <= this.last;
  }

  /** Gives up what is kept; the numbers go on. */
  skip(): void {
    this.#queue.skip();
    this.#sent = this.last;
  }

  /** Gives up what is kept, and begins at 1 again. */
  reset(): void {
    this.#queue.reset();
    this.#sent = 0;
    this.#reached = 0;
  }

  /**
   * Whether so many bytes fit under this limit, for which the oldest media are dropped as needed. One message always fits,
   * however long it is.
   */
  makeRoom(bytes: number, limit: number): boolean {
    return this.#queue.makeRoom(bytes, limit);
  }

  /** Sends it at the end of this tick, or as soon as there is a link. Returns its number. */
  push(message: Encoded, media = false): number {
    const bytes = sizeOf(message);
    if (media) this.#queue.limitMedia(MEDIA_BYTES - bytes);
    const number = this.#queue.push(message, bytes, media);
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > EAGER_BYTES) this.flush();
    else this.#schedule();
    return number;
  }

  /** Drops one that has not been sent; a `null` goes in its place. */
  drop(number: number): void {
    this.#queue.drop(number);
  }

  /** The numbers of those kept that `which` names. */
  numbers(which: (message: Encoded) => boolean): number[] {
    return this.#queue.numbers(which);
  }

  /** The peer has everything up to this number. */
  acknowledge(number: number): void {
    this.#queue.acknowledge(number);
    if (this.#sent < this.last) this.#schedule();
  }

  /** Acknowledges at the end of this tick, if no message does so. */
  acknowledgeSoon(): void {
    this.#ackDue = true;
    this.#schedule();
  }

  /** Acknowledges now, without a message. */
  sendAck(): void {
    this.#ackDue = false;
    this.#write([encodeFrame({ ack: this.#received() })]);
  }

  /** Sends what is waiting now, as far as the socket takes it: the rest follows with the peer's next acknowledgement. */
  flush(): void {
    const transport = this.#transport;
    if (!transport) return;
    if (this.#sent < this.last && transport.bufferedBytes <= HIGH_WATER_BYTES) this.#write(this.#take());
    // A peer that sends and does not read gets no acknowledgements on top.
    if (this.#ackDue && transport.bufferedBytes <= HIGH_WATER_BYTES) this.sendAck();
  }

  #schedule(): void {
    if (this.#scheduled || !this.#transport) return;
    this.#scheduled = true;
    this.#clock.endOfTick(this.#onTickEnd);
  }

  readonly #onTickEnd = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  /** Frames of what is waiting; it counts as sent. */
  #take(): (string | Uint8Array)[] {
    const message = this.#sent + 1 === this.last ? this.#queue.get(this.last) : null;
    let frames: (string | Uint8Array)[];
    if (typeof message === 'string') {
      this.#sent += 1; // a lone call or answer, as there are many
      frames = [encodeDataFrame(this.#sent, this.#received(), [message])];
    } else frames = this.#frame();
    this.#waitingBytes = 0;
    this.#reached = Math.max(this.#reached, this.#sent);
    this.#ackDue = false;
    if (wire.enabled) traceSent(frames);
    return frames;
  }

  /** Runs of texts, and runs of messages with bytes. */
  #frame(): (string | Uint8Array)[] {
    const frames: (string | Uint8Array)[] = [];
    const ack = this.#received();
    const { last } = this;
    let texts: string[] = [];
    let binaries: EncodedBytes[] = [];
    let bytes = 0;
    let total = 0;
    const cut = () => {
      // The message at `#sent` is the last one of the frame.
      if (texts.length > 0) frames.push(encodeDataFrame(this.#sent - texts.length + 1, ack, texts));
      else if (binaries.length > 0) frames.push(encodeBinaryFrame(this.#sent - binaries.length + 1, ack, binaries));
      texts = [];
      binaries = [];
      total += bytes;
      bytes = 0;
    };
    while (this.#sent < last && total < HIGH_WATER_BYTES) {
      const message = this.#queue.get(this.#sent + 1);
      const size = message === null ? 4 : sizeOf(message);
      const isText = message === null || typeof message === 'string';
      if (bytes > 0 && (bytes + size > FRAME_BYTES || isText === binaries.length > 0)) cut();
      if (isText) texts.push(message ?? 'null');
      else binaries.push(message);
      this.#sent += 1;
      bytes += size;
    }
    cut();
    return frames;
  }

  #write(frames: (string | Uint8Array)[]): void {
    this.#frames += frames.length;
    for (const frame of frames) this.#bytes += frame.length;
    this.#transport?.sendAll(frames);
  }
}
