import { once } from 'node:events';
import { Session } from 'node:inspector/promises';

import { WebSocket } from 'ws';

/** Lets a process collect its garbage and give back what it does not need: what is read after that is what it really keeps. */
export interface Collector {
  /** Returns what its heap holds, in KiB. */
  collect(): Promise<number>;
  close(): void;
}

type Call = (method: 'HeapProfiler.collectGarbage' | 'Runtime.getHeapUsage') => Promise<unknown>;

/** Of this process. Unlike `gc()` it returns memory to the system. */
export function ownCollector(): Collector {
  const session = new Session();
  session.connect();
  return collectorBy(method => session.post(method as 'Runtime.getHeapUsage'), () => session.disconnect());
}

/** Of another process, by the URL that it tells on its standard error when it is started with `--inspect`. */
export async function collectorAt(url: string): Promise<Collector> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  let lastId = 0;
  const call: Call = async method => {
    const id = (lastId += 1);
    socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [data] = await once(socket, 'message') as [Buffer];
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (message.id === id) return message.result;
    }
  };
  return collectorBy(call, () => socket.terminate());
}

function collectorBy(call: Call, close: () => void): Collector {
  return {
    async collect() {
      await call('HeapProfiler.collectGarbage');
      const { usedSize } = await call('Runtime.getHeapUsage') as { usedSize: number };
      return Math.round(usedSize / 1_024);
    },
    close,
  };
}
