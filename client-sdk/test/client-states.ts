import type { EventEmitter } from 'node:events';

import { describe, expect, test } from '@jest/globals';
import type { RemoteMediasoupClient, RemoteMediasoupClientEvents, RemoteMediasoupClientOptions } from '@mediacluster/sdk';
import type { Worker } from 'mediasoup/types';

/** What the table is about: the client itself, and whatever stands in for it. */
export type ClientLike = Pick<
  RemoteMediasoupClient,
  'mediasoup' | 'readyState' | 'connected' | 'destroyed' | 'url' | 'close' | 'destroy' | 'getStats'
> & Pick<EventEmitter, 'on' | 'once'> & { readonly workers: Iterable<Worker>; open(url?: string): unknown };

/** Makes a client; `url` answers. */
export interface Clients {
  readonly url: () => string;
  make(url?: string, options?: RemoteMediasoupClientOptions): ClientLike;
}

type EventName = keyof RemoteMediasoupClientEvents;
const EVENTS = ['open', 'websocketOpen', 'mediasoup', 'connected', 'disconnected', 'websocketClose', 'close', 'error', 'lost', 'goodbye', 'draining'] as const satisfies readonly EventName[];

/** The states, and how a client comes to each. */
const STATES = {
  'new, without a url': async ({ make }: Clients) => make(),
  connecting: async ({ make, url }: Clients) => make(url()),
  'websocket open': async ({ make, url }: Clients) => after(make(url()), 'websocketOpen'),
  connected: async ({ make, url }: Clients) => after(make(url()), 'connected'),
  'closed while it connected': async ({ make, url }: Clients) => {
    const client = make(url());
    client.close();
    return after(client, 'close');
  },
  closed: async ({ make, url }: Clients) => {
    const client = await after(make(url()), 'connected');
    client.close();
    return after(client, 'close');
  },
  destroyed: async ({ make, url }: Clients) => {
    const client = await after(make(url()), 'connected');
    client.destroy();
    return after(client, 'close');
  },
  'destroyed before it was opened': async ({ make }: Clients) => {
    const client = make();
    client.destroy();
    return client;
  },
};

interface Row {
  readonly readyState: 0 | 1 | 3 | 4;
  /** Whether there is a mediasoup, and stats. */
  readonly mediasoup: boolean;
  readonly destroyed: boolean;
  /** What each call does: the events that follow, or the error that it throws at once. */
  readonly open: string;
  readonly openUrl: string;
  readonly close: string;
  readonly destroy: string;
}

const OPENS = 'open websocketOpen mediasoup connected';
const DESTROYED = { readyState: 3, mediasoup: false, destroyed: true, open: 'throws DestroyedError', openUrl: 'throws DestroyedError', close: 'nothing', destroy: 'nothing' } as const;
const UNDER_WAY = { mediasoup: false, destroyed: false, open: 'throws Error', openUrl: 'throws Error', close: 'close', destroy: 'close' } as const;

const TABLE: Record<keyof typeof STATES, Row> = {
  'new, without a url': { readyState: 3, mediasoup: false, destroyed: false, open: 'throws TypeError', openUrl: OPENS, close: 'nothing', destroy: 'nothing' },
  connecting: { readyState: 0, ...UNDER_WAY },
  'websocket open': { readyState: 1, ...UNDER_WAY },
  connected: { ...UNDER_WAY, readyState: 4, mediasoup: true, close: 'mediasoup close', destroy: 'mediasoup close' },
  'closed while it connected': { readyState: 3, mediasoup: false, destroyed: false, open: OPENS, openUrl: OPENS, close: 'nothing', destroy: 'nothing' },
  closed: { readyState: 3, mediasoup: false, destroyed: false, open: OPENS, openUrl: OPENS, close: 'nothing', destroy: 'nothing' },
  destroyed: DESTROYED,
  'destroyed before it was opened': DESTROYED,
};

/** The states of a client and what every call does in each, one cell a test. */
export function describeClientStates(clients: Clients): void {
  describe.each(Object.entries(TABLE))('a client that is %s', (name, row) => {
    const reach = () => STATES[name as keyof typeof STATES](clients);

    test('says so', async () => {
      const client = await reach();
      expect({ readyState: client.readyState, connected: client.connected, destroyed: client.destroyed }).toEqual({ readyState: row.readyState, connected: row.readyState === 4, destroyed: row.destroyed });
      client.destroy();
    });

    test(row.mediasoup ? 'has a mediasoup and stats' : 'has neither a mediasoup nor stats', async () => {
      const client = await reach();
      expect(client.mediasoup !== undefined).toBe(row.mediasoup);
      expect(await client.getStats() !== undefined).toBe(row.mediasoup);
      client.destroy();
    });

    test.each([
      ['open()', row.open, (client: ClientLike) => client.open()],
      ['open(url)', row.openUrl, (client: ClientLike) => client.open(clients.url())],
      ['close()', row.close, (client: ClientLike) => client.close()],
      ['destroy()', row.destroy, (client: ClientLike) => client.destroy()],
    ])('%s: %s', async (_call, outcome, act) => {
      const client = await reach();
      if (outcome.startsWith('throws')) {
        expect(() => act(client)).toThrow(expect.objectContaining({ name: outcome.replace('throws ', '') }));
      } else {
        const events = record(client);
        act(client);
        await settled(client, outcome);
        expect(events.join(' ') || 'nothing').toBe(outcome);
      }
      client.destroy();
    });
  });

  test('close() may be called twice, and while it opens again', async () => {
    const client = await after(clients.make(clients.url()), 'connected');
    const events = record(client);
    client.close();
    client.close();
    client.open();
    client.close();
    client.open();
    await after(client, 'connected');
    expect(events.filter(event => event === 'connected')).toHaveLength(1);
    expect(events.at(-1)).toBe('connected');
    client.destroy();
  });

  test('closing ends the workers without a death, and leaves what they told', async () => {
    const client = await after(clients.make(clients.url()), 'connected');
    const worker = await client.mediasoup!.createWorker();
    const router = await worker.createRouter();
    const told: string[] = [];
    worker.on('died', () => told.push('died'));
    worker.observer.on('close', () => told.push('worker'));
    router.on('workerclose', () => told.push('router'));
    expect([...client.workers]).toEqual([worker]);
    client.close();
    await after(client, 'close');
    expect(told).toEqual(['router', 'worker']);
    expect([worker.closed, worker.died, router.closed, [...client.workers]]).toEqual([true, false, true, []]);
    client.destroy();
  });

  test('the mediasoup of a closed client makes nothing any more', async () => {
    const client = await after(clients.make(clients.url()), 'connected');
    const { createWorker } = client.mediasoup!;
    client.close();
    await expect(createWorker()).rejects.toMatchObject({ code: 'ROPE_NOT_CONNECTED' });
    client.destroy();
  });

  test('a worker that is under way when the client closes is not handed out', async () => {
    const client = await after(clients.make(clients.url()), 'connected');
    const made = client.mediasoup!.createWorker();
    await new Promise(setImmediate); // it has been sent
    client.close();
    await expect(made).rejects.toMatchObject({ code: 'ROPE_CONNECTION_LOST' });
    client.destroy();
  });

  test('nothing is emitted before the constructor has returned, and the url may be an option', async () => {
    const client = clients.make({ url: clients.url() } as never);
    const events = record(client);
    await after(client, 'connected');
    expect(events.join(' ')).toBe(OPENS);
    expect(client.url).toBe(clients.url());
    client.destroy();
  });
}

function record(client: ClientLike): EventName[] {
  const events: EventName[] = [];
  for (const event of EVENTS) client.on(event, () => events.push(event));
  return events;
}

/** Until the last event of an outcome, and whatever might come after it. */
async function settled(client: ClientLike, outcome: string): Promise<void> {
  const last = outcome === 'nothing' ? undefined : outcome.split(' ').at(-1) as EventName;
  if (last) await new Promise(resolve => { client.once(last, resolve as never); });
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

async function after(client: ClientLike, event: EventName): Promise<ClientLike> {
  await new Promise(resolve => { client.once(event, resolve as never); });
  return client;
}
