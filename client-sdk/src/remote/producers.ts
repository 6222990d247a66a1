import type { RemoteDataProducer } from './data-producer.ts';
import type { RemoteProducer } from './producer.ts';

/** The open producers of a router by their ids, whichever of its transports they belong to. */
export class Producers {
  readonly #producers = new Map<string, RemoteProducer>();
  readonly #dataProducers = new Map<string, RemoteDataProducer>();

  producer(id: string): RemoteProducer | undefined {
    return this.#producers.get(id);
  }

  dataProducer(id: string): RemoteDataProducer | undefined {
    return this.#dataProducers.get(id);
  }

  add(producer: RemoteProducer): void {
    this.#producers.set(producer.id, producer);
  }

  delete(producer: RemoteProducer): void {
    // Ids may be given by the app, so another one may have taken its place.
    if (this.#producers.get(producer.id) === producer) this.#producers.delete(producer.id);
  }

  addData(producer: RemoteDataProducer): void {
    this.#dataProducers.set(producer.id, producer);
  }

  deleteData(producer: RemoteDataProducer): void {
    if (this.#dataProducers.get(producer.id) === producer) this.#dataProducers.delete(producer.id);
  }
}
