import type { Mediasoup, MediasoupManager, NodeInfo, NodeStats } from '../manager.ts';
import { ObjectEmitter } from '../object-emitter.ts';
import { thisNode } from '../this-node.ts';
import { mediasoupGetStatsFactory } from './get-stats.ts';
import type { MediasoupGetStats } from './get-stats.ts';

/** Options of a `LocalManager`. */
export interface LocalManagerOptions {
  /** The address at which other hosts reach this one's pipes. Default: the first outer address of this machine. */
  readonly pipeAddress?: string;
}

/** Events of a `LocalManager`. */
export type LocalManagerEvents = { mediasoup: [Mediasoup | undefined]; connected: []; error: [Error] };

/**
 * A mediasoup of this process as a manager: `new LocalManager(await import('mediasoup'))`. Its `mediasoup` is the very module that
 * was handed in, at once; `mediasoup` and `connected` are emitted all the same, after the constructor has returned, so that the
 * start-up idiom of the other managers works. `destroy()` lets go of the module and closes nothing: it is the caller's.
 */
export class LocalManager extends ObjectEmitter<LocalManagerEvents> implements MediasoupManager {
  readonly node: NodeInfo;
  #mediasoup: Mediasoup | undefined;
  readonly #stats: MediasoupGetStats;

  constructor(mediasoup: Mediasoup, { pipeAddress }: LocalManagerOptions = {}) {
    super();
    this.#mediasoup = mediasoup;
    this.node = thisNode(mediasoup.version, pipeAddress);
    this.#stats = mediasoupGetStatsFactory(mediasoup);
    queueMicrotask(() => {
      if (!this.#mediasoup) return;
      this.safeEmit('mediasoup', mediasoup);
      this.safeEmit('connected');
    });
  }

  get mediasoup(): Mediasoup | undefined {
    return this.#mediasoup;
  }

  get connected(): boolean {
    return this.#mediasoup !== undefined;
  }

  /** The load of this machine; of the workers, those that were made since this manager is there. */
  async getStats(): Promise<NodeStats | undefined> {
    return this.#mediasoup && this.#stats.getStats();
  }

  destroy(): void {
    if (!this.#mediasoup) return;
    this.#mediasoup = undefined;
    this.#stats.close();
    this.safeEmit('mediasoup', undefined);
  }
}
