import { createServer } from 'node:http';
import { RopeClient } from '@mediacluster/rope';
import { request } from '@mediacluster/rope/contract';
import type { ObjectId, ObjectRecord } from '@mediacluster/rope/contract';
import { RopeServer } from '@mediacluster/rope/server';

const methods = { create: request<object, ObjectRecord>(), add: request<{ counter: ObjectId; by: number }, void>() };
const server = new RopeServer({ methods, node: { id: '1', name: 'counters', epoch: String(Date.now()) }, handlers: {
  create: (_, { objects }) => {
    const counter = { value: 0 };
    return objects.add({ type: 'counter', entity: counter, state: () => ({ ...counter }), close: () => console.log('closed') });
  },
  add: ({ counter, by }, { objects }) => {
    objects.get<{ value: number }>('counter', counter).value += by;
    objects.refresh(counter, ['value']); // the client's copy changes before its call resolves
  },
} });
const http = createServer().listen(4242);
server.attach(http);

const hear = () => {};
const host = { created: hear, patched: hear, event: hear, closed: hear, lost: hear, left: hear };
const client = new RopeClient({ methods, host, url: 'ws://127.0.0.1:4242' }).open();
const counter = await client.request('create', {}, { onResult: record => client.replica.adopt(record) });
await client.request('add', { counter: counter.object, by: 5 });
console.log(counter.state.value); // 5, read from memory
client.destroy(); // ends the session, so the server closes the counter
server.once('sessionEnd', () => http.close());
