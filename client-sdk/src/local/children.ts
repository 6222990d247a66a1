import type { EventEmitter } from 'node:events';

import type { MediasoupObject } from '../manager.ts';

const BIRTHS = ['newwebrtcserver', 'newrouter', 'newtransport', 'newrtpobserver', 'newproducer', 'newconsumer', 'newdataproducer', 'newdataconsumer'];

/** What is below each of mediasoup's objects, which do not tell it themselves. */
export class Children {
  readonly #of = new WeakMap<MediasoupObject, Set<MediasoupObject>>();

  /** Notes from now on what appears below an object, and below that. */
  follow(object: MediasoupObject): void {
    const children = new Set<MediasoupObject>();
    this.#of.set(object, children);
    const observer: EventEmitter = object.observer;
    for (const birth of BIRTHS) {
      observer.on(birth, (child: MediasoupObject) => {
        children.add(child);
        (child.observer as EventEmitter).once('close', () => children.delete(child));
        this.follow(child);
      });
    }
  }

  /** Those that are not closed, in the order of their creation. */
  of(object: MediasoupObject): MediasoupObject[] {
    return [...this.#of.get(object) ?? []];
  }
}
