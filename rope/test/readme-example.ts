import { once } from 'node:events';
import { createServer } from 'node:http';
import { RopeClient } from '@mediacluster/rope';
import type { ReplicaHost } from '@mediacluster/rope';
import { request } from '@mediacluster/rope/contract';
import type { ObjectId, ObjectRecord } from '@mediacluster/rope/contract';
import { RopeServer } from '@mediacluster/rope/server';

const methods = { create: request<object, ObjectRecord>(), add: request<{ counter: ObjectId; by: number }, number>() };
const server = new RopeServer({ methods, node: { id: '1', name: 'counters', epoch: String(Date.now()) }, handlers: {
  create: (_, { objects }) => {
    const counter = { value: 0 };
    return objects.add({ type: 'counter', entity: counter, state: () => ({ ...counter }), close: () => console.log('closed') });
  },
  add: ({ counter, by }, { objects }) => {
    const it = objects.get<{ value: number }>('counter', counter);
    it.value += by;
    objects.event(counter, 'change', [by], { value: it.value }); // to all who see it: the getter first, the event second
    return it.value;
  },
} });
const http = createServer().listen(4242);
server.attach(http);

const hear = () => {};
const host: ReplicaHost = { created: hear, patched: hear, event: hear, closed: hear, lost: hear, left: hear };
const open = (host: ReplicaHost) => new RopeClient({ methods, host, scope: 'all', url: 'ws://127.0.0.1:4242' }).open();
const a = open(host);
const b = open({ ...host, event: ({ state }, event, [by]) => console.log('b hears', event, 'by', by, 'now', state.value) });
await Promise.all([once(a as never, 'connected'), once(b as never, 'connected')]);
const { object } = await a.request('create', {}, { onResult: record => a.replica.adopt(record) });
console.log('a is told', await a.request('add', { counter: object, by: 5 }), 'and reads', a.replica.get(object)?.state.value);
console.log('b is told', await b.request('add', { counter: object, by: 2 }), 'and reads', b.replica.get(object)?.state.value);
b.destroy();
a.destroy(); // ends its session, so the server closes what it made
server.on('sessionEnd', () => server.sessions.size === 0 && http.close());
