import { once } from 'node:events';

import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { MediasoupObject, RemoteMediasoupClientOptions } from '@mediacluster/sdk';

import { Peer } from './run.ts';
import type { WorldPlan } from './peers/world.ts';
import type { Templates } from './templates.ts';

/** Of 100 objects 4 are transports, 8 producers, 88 consumers: an app with rooms of a few people. */
const MIX = { producers: 2, consumers: 22 } as const;
const OBJECTS_PER_TRANSPORT = 1 + MIX.producers + MIX.consumers;

/** An app's consumers, in the order in which the world has made them. */
export function consumersOf(client: RemoteMediasoupClient): MediasoupObject[] {
  const below = (object: MediasoupObject): MediasoupObject[] => [object, ...client.childrenOf(object).flatMap(below)];
  return [...client.workers].flatMap(worker => below(worker as MediasoupObject)).filter(object => 'producerPaused' in object);
}

/** A server full of objects, in a process of its own. */
export class World {
  readonly peer: Peer;
  readonly url: string;
  readonly objects: number;

  /** So many objects, in the usual mix. */
  static async of(objects: number, templates: Templates): Promise<World> {
    return World.made({ templates, transports: Math.round(objects / OBJECTS_PER_TRANSPORT), ...MIX });
  }

  static async made(plan: WorldPlan, { heartbeatMs, execArgv = [] }: { heartbeatMs?: number; execArgv?: readonly string[] } = {}): Promise<World> {
    const peer = new Peer('world', execArgv);
    const url = await peer.ask<string>('start', { heartbeatMs });
    await peer.ask('build', plan);
    return new World(peer, url, 2 + plan.transports * (1 + plan.producers + plan.consumers));
  }

  private constructor(peer: Peer, url: string, objects: number) {
    this.peer = peer;
    this.url = url;
    this.objects = objects;
  }

  /** An app that sees all of it. */
  async enter(options: RemoteMediasoupClientOptions = {}): Promise<RemoteMediasoupClient> {
    const client = new RemoteMediasoupClient({ url: this.url, scope: 'all', ...options });
    await once(client as never, 'connected');
    return client;
  }

  stop(): Promise<void> {
    return this.peer.stop();
  }
}
