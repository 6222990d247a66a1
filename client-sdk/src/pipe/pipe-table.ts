import createDebug from 'debug';
import type { PipeTransport, PipeTransportOptions, Router } from 'mediasoup/types';

import { addressOf } from './link.ts';
import type { Link, Place } from './link.ts';

const log = createDebug('mediacluster:pipe');

/** One end that a pair is to be laid between. */
export interface PairEnd {
  readonly router: Router;
  readonly place: Place;
}

/** Options of both transports, besides where they listen and what protects them. */
export type PairOptions = Omit<PipeTransportOptions, 'listenInfo' | 'listenIp' | 'port' | 'enableSrtp' | 'enableRtx'>;

/**
 * Two PipeTransports, one in each router. Whatever closes one closes the other, and the table forgets them.
 *
 *     opening ─▶ open, connecting ─▶ connected
 *         └────────────┴──▶ failed: both transports are closed
 */
export interface PipePair {
  readonly transports: ReadonlyMap<Router, PipeTransport>;
  /** Resolves when both ends are connected. May be left alone: a rejection closes the pair and is never unhandled. */
  readonly connected: Promise<void>;
  /** Keeps the pair while a pipe over it is being made. Tell the answer how that ended: a pair that never carried one is closed. */
  hold(): (carries: boolean) => void;
}

/** What is piped where: one pair for two routers, whoever of them asked first, also when both ask at once. */
export class PipeTable {
  readonly #pairs = new WeakMap<Router, Map<Router, Promise<PipePair>>>();

  /** The pair of the two routers; made now if there is none, in which case `link` and `options` count. A failed one is not kept. */
  pair(from: PairEnd, to: PairEnd, link: () => Link, options: PairOptions): Promise<PipePair> {
    const known = this.#pairs.get(from.router)?.get(to.router);
    if (known) return known;
    // Not the one that has taken its place: a pair that failed is closed more than once, from both ends and by each call that used it.
    const forget = (): void => {
      if (this.#of(from.router).get(to.router) !== pair) return;
      this.#of(from.router).delete(to.router);
      this.#of(to.router).delete(from.router);
    };
    const pair: Promise<PipePair> = openPair(from, to, link(), options, forget);
    // Both routers know it before anything is awaited: a call from the other side meanwhile finds it.
    this.#of(from.router).set(to.router, pair);
    this.#of(to.router).set(from.router, pair);
    pair.catch(forget);
    return pair;
  }

  #of(router: Router): Map<Router, Promise<PipePair>> {
    const known = this.#pairs.get(router);
    if (known) return known;
    const pairs = new Map<Router, Promise<PipePair>>();
    this.#pairs.set(router, pairs);
    return pairs;
  }
}

async function openPair(from: PairEnd, to: PairEnd, link: Link, options: PairOptions, forget: () => void): Promise<PipePair> {
  const { enableSrtp, enableRtx } = link;
  const shared = { ...options, enableSrtp, enableRtx };
  const [here, there] = await createBoth(
    from.router.createPipeTransport({ ...shared, listenInfo: link.listenFrom }),
    to.router.createPipeTransport({ ...shared, listenInfo: link.listenTo }),
  );
  const close = (): void => {
    forget();
    here.close();
    there.close();
  };
  here.observer.once('close', close);
  there.observer.once('close', close);
  // One may have been closed while the other was still on its way; its event is over.
  if (here.closed || there.closed) close();

  const connected = connectBoth({ transport: here, place: from.place }, { transport: there, place: to.place });
  connected.then(() => log('connected %s and %s', from.place.name, to.place.name), close);
  return { transports: new Map([[from.router, here], [to.router, there]]), connected, hold: holdUntilUsed(close) };
}

/** Both transports, or none: the one that was made closes when the other fails. */
async function createBoth(...creations: [Promise<PipeTransport>, Promise<PipeTransport>]): Promise<[PipeTransport, PipeTransport]> {
  const [here, there] = await Promise.allSettled(creations);
  if (here.status === 'fulfilled' && there.status === 'fulfilled') return [here.value, there.value];
  for (const end of [here, there]) if (end.status === 'fulfilled') end.value.close();
  throw here.status === 'rejected' ? here.reason : (there as PromiseRejectedResult).reason;
}

async function connectBoth(...ends: { transport: PipeTransport; place: Place }[]): Promise<void> {
  const [here, there] = ends as [typeof ends[0], typeof ends[0]];
  await Promise.all([connect(here, there), connect(there, here)]);

  function connect(from: typeof here, to: typeof here): Promise<void> {
    return from.transport.connect({ ip: addressOf(to.place, to.transport.tuple), port: to.transport.tuple.localPort, srtpParameters: to.transport.srtpParameters });
  }
}

function holdUntilUsed(close: () => void): PipePair['hold'] {
  let used = false;
  let holds = 0;
  return () => {
    holds += 1;
    return carries => {
      holds -= 1;
      used ||= carries;
      if (!used && holds === 0) close();
    };
  };
}
