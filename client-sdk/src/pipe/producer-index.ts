import type { DataProducer, Producer, Router, Transport } from 'mediasoup/types';

/** Finds the open producers of a router by their ids. */
export interface ProducerLookup {
  producer(id: string): Producer | undefined;
  dataProducer(id: string): DataProducer | undefined;
}

/** The open producers of a router by their ids, as mediasoup's own Router knows them. Follows the router from its creation on. */
export class ProducerIndex implements ProducerLookup {
  readonly #producers = new Map<string, Producer>();
  readonly #dataProducers = new Map<string, DataProducer>();

  /** `router` has no transports yet, or they are told by `newtransport` from now on. */
  constructor(router: Pick<Router, 'observer'>) {
    router.observer.on('newtransport', transport => this.#follow(transport));
  }

  producer(id: string): Producer | undefined {
    return this.#producers.get(id);
  }

  dataProducer(id: string): DataProducer | undefined {
    return this.#dataProducers.get(id);
  }

  #follow(transport: Transport): void {
    transport.observer.on('newproducer', producer => hold(this.#producers, producer));
    transport.observer.on('newdataproducer', producer => hold(this.#dataProducers, producer));
  }
}

interface Observed {
  readonly id: string;
  readonly observer: { on(event: 'close', listener: () => void): unknown };
}

function hold<P extends Observed>(index: Map<string, P>, producer: P): void {
  index.set(producer.id, producer);
  producer.observer.on('close', () => {
    // A producer of the same id may have taken its place: ids may be given by the app.
    if (index.get(producer.id) === producer) index.delete(producer.id);
  });
}
