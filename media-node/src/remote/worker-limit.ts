import { NoCapacityError } from '@mediacluster/sdk';

import type { WorkerLimit } from './node-host.ts';

/** A count with a ceiling. @param max Infinity: no limit */
export class CountedWorkers implements WorkerLimit {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  take(): () => void {
    if (this.#count >= this.#max) {
      throw new NoCapacityError(`this node has ${this.#count} of ${this.#max} workers (--max-workers): close one, or add a node`);
    }
    this.#count++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#count--;
    };
  }
}
