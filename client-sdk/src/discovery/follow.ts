import createDebug from 'debug';

import type { MediasoupHorizontal } from '../horizontal/horizontal.ts';
import type { MediasoupManager, NodeAbilities } from '../manager.ts';
import type { Discovery, Endpoint } from './discovery.ts';
import { difference } from './endpoint-set.ts';

const log = createDebug('mediacluster:discovery');

/** The manager of one node. */
export type NodeManager = MediasoupManager & NodeAbilities;

/**
 * What is known of the link to a node that was connected to:
 *
 *     new ─▶ linked ⇄ broken          gone: it was lost or said goodbye; its address may come to life again
 *              └────────┴──▶ gone ─▶ linked
 */
type LinkState = 'new' | 'linked' | 'broken' | 'gone';

interface Followed {
  readonly manager: NodeManager;
  readonly listeners: Readonly<Record<string, () => void>>;
  endpoint: Endpoint;
  listed: boolean;
  link: LinkState;
}

/** What a set has been told of its nodes. */
export interface Following {
  /** The last list; `undefined` before the first. */
  readonly endpoints: readonly Endpoint[] | undefined;
  /** Ends the discovery and destroys the managers that were made for it. Safe twice. */
  stop(): void;
}

/**
 * Keeps a set equal to what a discovery finds. A node is used from when it is ready on; while it is not, it keeps what it has and gets
 * nothing new; one that is no longer listed is dropped only when its connection says so too, since a list may be wrong and a call in
 * progress is not.
 *
 * @param connect makes the manager of an endpoint; it belongs to the following, which destroys it.
 */
export function follow(discovery: Discovery, set: MediasoupHorizontal, connect: (endpoint: Endpoint) => NodeManager): Following {
  const followed = new Map<string, Followed>();
  let endpoints: readonly Endpoint[] | undefined;

  discovery.start(now => {
    const { joined, changed, left } = difference(endpoints ?? [], now);
    endpoints = now;
    for (const endpoint of [...joined, ...changed]) list(endpoint);
    for (const endpoint of left) unlist(endpoint);
  });

  /** Ready or not, it is listed. One that we do not know yet is left alone until it is ready: it may still be starting. */
  function list(endpoint: Endpoint): void {
    const known = followed.get(endpoint.url);
    if (!known) return endpoint.ready ? join(endpoint) : undefined;
    if (!known.listed) known.manager.listed?.();
    Object.assign(known, { endpoint, listed: true });
    hold(known);
  }

  function join(endpoint: Endpoint): void {
    log('joins: %o', endpoint);
    const manager = connect(endpoint);
    const node: Followed = { endpoint, manager, listeners: listenersOf(() => node), link: manager.connected ? 'linked' : 'new', listed: true };
    followed.set(endpoint.url, node);
    for (const [event, listener] of Object.entries(node.listeners)) manager.on(event, listener);
    admit(node);
  }

  function listenersOf(node: () => Followed): Followed['listeners'] {
    return {
      connected: () => {
        node().link = 'linked';
        admit(node());
      },
      disconnected: () => {
        if (node().link === 'linked') node().link = 'broken';
      },
      lost: () => gone(node()),
      goodbye: () => gone(node()),
    };
  }

  /** Into the set, if it fits; again with each connection, since the process behind the address may be another one than before. */
  function admit(node: Followed): void {
    try {
      set.add(node.manager);
      hold(node);
    } catch (error) {
      log('does not fit: %s: %s', node.endpoint.url, error);
    }
  }

  /** Places on it what is new, or nothing. */
  function hold({ manager, endpoint, listed }: Followed): void {
    if (listed && endpoint.ready) set.uncordon(manager);
    else set.cordon(manager);
  }

  function unlist(endpoint: Endpoint): void {
    const node = followed.get(endpoint.url);
    if (!node) return;
    log('is no longer listed: %o', { ...endpoint, link: node.link });
    node.listed = false;
    hold(node);
    // A broken link is a loss from now on: the manager tells its workers that they died, then `lost`.
    node.manager.unlisted?.();
    dropIfGone(node);
  }

  function gone(node: Followed): void {
    node.link = 'gone';
    dropIfGone(node);
  }

  /** Neither discovery nor the connection know it any more, or the connection never did. */
  function dropIfGone(node: Followed): void {
    if (!node.listed && (node.link === 'gone' || node.link === 'new')) drop(node);
  }

  function drop(node: Followed): void {
    const { endpoint, manager, listeners } = node;
    if (followed.get(endpoint.url) !== node) return;
    log('leaves: %o', endpoint);
    followed.delete(endpoint.url);
    for (const [event, listener] of Object.entries(listeners)) manager.off(event, listener);
    set.delete(manager);
    void manager.destroy();
  }

  return {
    get endpoints() {
      return endpoints;
    },
    stop() {
      discovery.stop();
      for (const node of followed.values()) drop(node);
    },
  };
}
