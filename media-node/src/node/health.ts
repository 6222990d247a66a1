import { json, plain } from './admin-server.ts';
import type { Answer } from './admin-server.ts';

/** starting → ready → stopping */
export type Health = 'starting' | 'ready' | 'stopping';

/** `/livez` and `/readyz`. A live process that is stopping is not to be killed for it, but nothing new may come. */
export class HealthState {
  #health: Health = 'starting';

  get health(): Health {
    return this.#health;
  }

  ready(): void {
    if (this.#health === 'starting') this.#health = 'ready';
  }

  stopping(): void {
    this.#health = 'stopping';
  }

  livez(): Answer {
    return plain(200, 'ok\n');
  }

  readyz(): Answer {
    return this.#health === 'ready' ? plain(200, 'ok\n') : json(503, { health: this.#health });
  }
}
