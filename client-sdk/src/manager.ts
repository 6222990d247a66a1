import type { EventEmitter } from 'node:events';

import type { NodeStats } from '@mediacluster/rope/contract';
import type { Consumer, DataConsumer, DataProducer, Producer, Router, RtpObserver, Transport, WebRtcServer, Worker } from 'mediasoup/types';

export type { NodeStats };

/** mediasoup's own module, as `import * as mediasoup from 'mediasoup'` gives it: an app needs no cast to take either. */
export type Mediasoup = typeof import('mediasoup');

/**
 * The same with a `default`, which is itself: what `import * as mediasoup from 'mediasoup'` is to TypeScript in an ES module. An app
 * that asks for `typeof mediasoup` takes it too.
 */
export type MediasoupModule = Mediasoup & { readonly default: Mediasoup };

/** Whatever has an `observer`, a `close()` and a place in mediasoup's tree. */
export type MediasoupObject = Worker | WebRtcServer | Router | Transport | RtpObserver | Producer | Consumer | DataProducer | DataConsumer;

/** The least that may stand where a manager is asked for: a mediasoup, and the load of the host that it runs on. */
export interface ManagerLike {
  /** Absent until there is one. Once there it keeps its state while the link is broken, and can be read then. */
  readonly mediasoup: Mediasoup | undefined;
  /** `undefined` while nobody can tell. */
  getStats(): Promise<NodeStats | undefined>;
}

/**
 * A whole manager: local, remote, horizontal, and what is made of them. Each takes or is a `ManagerLike`, so they stack in any order.
 *
 * Events: `mediasoup` (the mediasoup, or `undefined` when it is finished), `connected`, `disconnected`, `error` (an Error).
 * A node's manager also tells `lost` (reason): its workers have emitted `died`; `goodbye`: it left as planned and its workers were
 * closed quietly; `draining`: `draining` has changed.
 */
export interface MediasoupManager extends ManagerLike, Pick<EventEmitter, 'on' | 'once' | 'off' | 'listenerCount'> {
  /** Ends the manager for good, without a `died` on anything. Safe to call twice. */
  destroy(): void | Promise<void>;
}

/** Who a node is, and where its pipes listen. */
export interface NodeInfo {
  /** Stable across restarts. */
  readonly id: string;
  /** For people: a pod's or a machine's name. */
  readonly name: string;
  /** Another epoch is another process. */
  readonly epoch: string;
  readonly mediasoupVersion: string;
  /** The address at which the pipes of other nodes reach this one. */
  readonly pipeAddress?: string;
}

/** What a manager may offer besides; each is asked for in one place, `horizontal/member.ts`. */
export interface NodeAbilities {
  /** The node behind the manager, when it is one. */
  readonly node?: NodeInfo | undefined;
  /** The node of an object, for managers that stand for many. */
  nodeOf?(object: Worker | Router): NodeInfo | undefined;
  /** Calls would wait for the link while this is false. Absent: true as soon as there is a `mediasoup`. */
  readonly connected?: boolean;
  /** The node takes no new workers. */
  readonly draining?: boolean;
  /** Discovery no longer lists the node: should its link be broken, now or later, it is lost at once. */
  unlisted?(): void;
  /** Takes `unlisted()` back. */
  listed?(): void;
}
