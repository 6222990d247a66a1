import type { WorkerCounts } from '@mediacluster/rope/contract';
import type { Router, Transport, Worker } from 'mediasoup/types';

import type { Mediasoup } from '../manager.ts';
import { HostStatsReader } from './host-stats.ts';
import type { HostStats } from './host-stats.ts';

/** Tells the load of this host, of this process and of mediasoup's workers. */
export interface MediasoupGetStats {
  /**
   * The stats now; rates are since the call before.
   *
   * @param fullMemoryUsage all of `process.memoryUsage()`, which takes longer than its `rss` alone
   */
  getStats(fullMemoryUsage?: boolean): Promise<HostStats>;
  /** Stops following mediasoup and forgets its workers. Safe to call twice. */
  close(): void;
}

type Counts = { -readonly [Key in keyof WorkerCounts]: number };

/** Follows the workers that are made from now on, until they are closed. */
export function mediasoupGetStatsFactory({ observer }: Pick<Mediasoup, 'observer'>): MediasoupGetStats {
  const reader = new HostStatsReader();
  const workers = new Map<Worker, Counts>();
  const onWorker = (worker: Worker): void => {
    const counts: Counts = { routers: 0, transports: 0, producers: 0, consumers: 0, dataProducers: 0, dataConsumers: 0 };
    workers.set(worker, counts);
    worker.observer.once('close', () => workers.delete(worker));
    followWorker(worker, counts);
  };
  observer.on('newworker', onWorker);
  return {
    async getStats(fullMemoryUsage) {
      const stats = await reader.read([...workers.keys()].map(({ pid }) => pid), fullMemoryUsage);
      if (workers.size === 0) return stats;
      return { ...stats, workers: Object.fromEntries([...workers].map(([{ pid }, counts]) => [pid, { ...counts }])) };
    },
    close() {
      observer.off('newworker', onWorker);
      workers.clear();
    },
  };
}

function followWorker(worker: Worker, counts: Counts): void {
  worker.observer.on('newrouter', router => {
    count(router, 'routers', counts);
    followRouter(router, counts);
  });
}

function followRouter(router: Router, counts: Counts): void {
  router.observer.on('newtransport', transport => {
    count(transport, 'transports', counts);
    followTransport(transport, counts);
  });
}

function followTransport({ observer }: Transport, counts: Counts): void {
  observer.on('newproducer', producer => count(producer, 'producers', counts));
  observer.on('newconsumer', consumer => count(consumer, 'consumers', counts));
  observer.on('newdataproducer', producer => count(producer, 'dataProducers', counts));
  observer.on('newdataconsumer', consumer => count(consumer, 'dataConsumers', counts));
}

function count({ observer }: { readonly observer: { once(event: 'close', listener: () => void): unknown } }, what: keyof Counts, counts: Counts): void {
  counts[what] += 1;
  observer.once('close', () => { counts[what] -= 1; });
}
