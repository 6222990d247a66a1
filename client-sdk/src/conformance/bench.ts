import type { EventEmitter } from 'node:events';

import type { Router, RouterOptions, Worker, WorkerSettings } from 'mediasoup/types';

import type { Mediasoup } from '../manager.ts';
import { mediaCodecs } from './media.ts';
import type { Quirk } from './suite.ts';
import type { ConnectPeer } from './web-rtc-peer.ts';

/** How long an event or an answer may take; measured on a busy machine with two cores: the slowest, DTLS, takes 300 ms. */
const DEADLINE_MS = 5000;

/** A worker that the cases of a suite share: most need but a router of their own. */
export class SharedWorker {
  #worker: Promise<Worker> | undefined;
  readonly #mediasoup: Mediasoup;

  constructor(mediasoup: Mediasoup) {
    this.#mediasoup = mediasoup;
  }

  /** The worker, started at the first call. */
  get(): Promise<Worker> {
    this.#worker ??= this.#mediasoup.createWorker({ logLevel: 'none' });
    return this.#worker;
  }

  async close(): Promise<void> {
    (await this.#worker)?.close();
  }
}

/** What a case has at hand. Everything made through it is ended when the case is over. */
export class Bench {
  readonly mediasoup: Mediasoup;
  readonly #shared: SharedWorker;
  readonly #differs: Readonly<Partial<Record<Quirk, string>>>;
  readonly #connectPeer: ConnectPeer | undefined;
  readonly #endings: (() => unknown)[] = [];

  constructor({ mediasoup, shared, differs = {}, connectPeer }: { mediasoup: Mediasoup; shared: SharedWorker; differs?: Readonly<Partial<Record<Quirk, string>>>; connectPeer?: ConnectPeer | undefined }) {
    this.mediasoup = mediasoup;
    this.#shared = shared;
    this.#differs = differs;
    this.#connectPeer = connectPeer;
  }

  /** Whether to expect what mediasoup does. */
  quirk(name: Quirk): boolean {
    return this.#differs[name] === undefined;
  }

  /** The suite's worker: leave it open. */
  worker(): Promise<Worker> {
    return this.#shared.get();
  }

  /** A worker of the case's own. */
  async newWorker(settings: WorkerSettings = { logLevel: 'none' }): Promise<Worker> {
    const worker = await this.mediasoup.createWorker(settings);
    this.after(() => worker.close());
    return worker;
  }

  /** A router of the case's own on the suite's worker; opus, VP8 and H264. */
  async router(options: RouterOptions = { mediaCodecs }): Promise<Router> {
    const worker = await this.worker();
    const router = await worker.createRouter(options);
    this.after(() => router.close());
    return router;
  }

  /** Connects a WebRTC endpoint to a transport; only in cases that need the ability `peer`. */
  get connectPeer(): ConnectPeer {
    return async (transport, options) => {
      const peer = await this.#connectPeer!(transport, options);
      this.after(() => peer.close());
      return peer;
    };
  }

  /** Runs at the end of the case, last in first out. */
  after(ending: () => unknown): void {
    this.#endings.push(ending);
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.splice(0).toReversed()) await ending();
  }

  /** The arguments of the next event that fits; rejects when none comes. */
  next<Args extends unknown[] = unknown[]>(emitter: object, event: string, fits: (...args: Args) => boolean = () => true): Promise<Args> {
    let listener: (...args: unknown[]) => void;
    const happened = new Promise<Args>(resolve => {
      listener = (...args) => fits(...args as Args) && resolve(args as Args);
      (emitter as EventEmitter).on(event, listener);
    });
    const told = this.soon(happened, `the event ${event}`).finally(() => (emitter as EventEmitter).off(event, listener));
    told.catch(() => {}); // a case that failed before it came to wait for it
    return told;
  }

  /** `promise`, unless it takes too long. */
  async soon<Value>(promise: Promise<Value>, what: string, deadlineMs = DEADLINE_MS): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} did not come within ${deadlineMs} ms`)), deadlineMs);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  /** Does it again and again until the promise settles: packets may be lost, and some things need more than one. */
  async until<Value>(promise: Promise<Value>, again: () => unknown, everyMs = 5): Promise<Value> {
    again();
    const repeating = setInterval(again, everyMs);
    return promise.finally(() => clearInterval(repeating));
  }

  /** What the worker told until now has arrived: mediasoup delivers it a macrotask after the answer that follows it. */
  async settled(worker?: Worker): Promise<void> {
    const asked = worker ?? await this.worker();
    for (let trip = 0; trip < 2; trip++) {
      await asked.dump();
      await new Promise(setImmediate);
    }
  }
}
