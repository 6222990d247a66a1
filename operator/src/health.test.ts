import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';

import { HealthServer } from './health.ts';

let obstacles: string[];
let registry: Registry;
let server: HealthServer;
let port: number;
const get = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
};

beforeEach(async () => {
  obstacles = [];
  registry = new Registry();
  server = new HealthServer({ notReadyBecause: () => obstacles, registry });
  port = await server.listen(0, '127.0.0.1');
});
afterEach(() => server.close());

test('is alive whatever it waits for, and ready when it waits for nothing', async () => {
  obstacles = ['pods have not been read yet'];
  expect(await get('/livez')).toMatchObject({ status: 200 });
  expect(await get('/readyz?verbose')).toMatchObject({ status: 503, text: 'pods have not been read yet\n' });
  obstacles = [];
  expect(await get('/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
});

test('answers with metrics, or with why it has none', async () => {
  const gauge = new Gauge({ name: 'answer', help: 'x', registers: [registry], collect() { this.set(42); } });
  expect(await get('/metrics')).toMatchObject({ status: 200, text: expect.stringContaining('answer 42'), type: registry.contentType });
  registry.removeSingleMetric('answer');
  void gauge;
  registry.registerMetric(new Gauge({ name: 'broken', help: 'x', registers: [], collect() { throw new Error('no answer'); } }));
  expect(await get('/metrics')).toMatchObject({ status: 500, text: 'no answer\n' });
});

test('says what there is to anyone who asks for something else', async () => {
  expect(await get('/')).toMatchObject({ status: 404, text: expect.stringContaining('/livez') });
});

test('says that its port is taken', async () => {
  const second = new HealthServer({ notReadyBecause: () => [], registry });
  await expect(second.listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('ends though somebody keeps a connection open, and twice without harm', async () => {
  await get('/livez'); // fetch keeps it
  await server.close();
  await server.close();
  await expect(get('/livez')).rejects.toThrow();
});
