import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectKube } from './client.ts';
import type { KubeClient } from './kube-client.ts';
import type { KubeObject } from './object.ts';
import { type EventFields, EventRecorder } from './recorder.ts';
import { FakeClock, type ScriptedRequest, ScriptedServer } from './testing/index.ts';

const calls: KubeObject = { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'calls', namespace: 'x', uid: 'u1', resourceVersion: '7' } };
const created: EventFields = { type: 'Normal', reason: 'PodCreated', action: 'CreatePod', note: 'created pod calls-0' };
const isBackoff = (ms: number): boolean => ms < 60_000;
const DROPPED_AT = 25;

let server: ScriptedServer;
let clock: FakeClock;
let kube: KubeClient;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new FakeClock(Date.parse('2026-11-20T12:00:00.250Z'));
  kube = connectKube({ server: server.url, namespace: 'elsewhere', clock });
  recorder = new EventRecorder(kube, { reportingController: 'mediacluster.dev/operator', reportingInstance: 'operator-abc', clock });
});

afterEach(async () => {
  await recorder.close();
  await kube.close();
  await server.stop();
});

async function accept(): Promise<ScriptedRequest> {
  const request = await server.next();
  request.answer(201, { metadata: { name: 'e' } });
  return request;
}

test('writes an Event as the API asks for it, in the namespace of what it is about', async () => {
  recorder.record(calls, created);
  const request = await accept();
  await recorder.flush();
  expect([request.method, request.path]).toEqual(['POST', '/apis/events.k8s.io/v1/namespaces/x/events']);
  expect(request.body).toEqual({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: expect.stringMatching(/^calls\.[0-9a-f]+$/), namespace: 'x' },
    eventTime: '2026-11-20T12:00:00.250000Z',
    reportingController: 'mediacluster.dev/operator',
    reportingInstance: 'operator-abc',
    regarding: { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', name: 'calls', namespace: 'x', uid: 'u1', resourceVersion: '7' },
    ...created,
  });
});

test('what has no namespace is spoken of in default; long names and notes are cut to what the API takes', async () => {
  recorder.record({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n'.repeat(253) } }, { ...created, note: 'x'.repeat(2000) });
  const { path, body } = await accept();
  expect(path).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
  expect((body as { metadata: { name: string } }).metadata.name).toHaveLength(253);
  expect((body as EventFields).note).toHaveLength(1024);
  await recorder.flush();
});

describe('repetitions', () => {
  test('become a series of the first Event', async () => {
    recorder.record(calls, created);
    const first = await accept();
    await recorder.flush();
    clock.advance(2000);
    recorder.record(calls, created);
    const second = await accept();
    await recorder.flush();
    expect([second.method, second.path]).toEqual(['PATCH', `/apis/events.k8s.io/v1/namespaces/x/events/${(first.body as KubeObject).metadata.name}`]);
    expect(second.body).toEqual({ series: { count: 2, lastObservedTime: '2026-11-20T12:00:02.250000Z' } });
  });

  test('that come while the first is written are told together afterwards', async () => {
    recorder.record(calls, created);
    const first = await server.next();
    for (let i = 0; i < 4; i += 1) recorder.record(calls, created);
    first.answer(201, { metadata: { name: 'e' } });
    const second = await accept();
    await recorder.flush();
    expect(second.body).toMatchObject({ series: { count: 5 } });
    expect(server.unclaimed).toBe(0);
  });

  test('after six quiet minutes are a new Event', async () => {
    recorder.record(calls, created);
    await accept();
    await recorder.flush();
    clock.advance(6 * 60_000 + 1);
    recorder.record(calls, created);
    expect((await accept()).method).toBe('POST');
    await recorder.flush();
  });

  test('of an Event that the cluster has dropped meanwhile begin anew', async () => {
    recorder.record(calls, created);
    await accept();
    await recorder.flush();
    recorder.record(calls, created);
    (await server.next()).refuse(404, 'NotFound');
    const again = await accept();
    await recorder.flush();
    expect(again.method).toBe('POST');
    expect(again.body).toMatchObject({ series: { count: 2 } });
  });

  test('that differ in their note are Events of their own, until there are many', async () => {
    for (let i = 0; i < 12; i += 1) recorder.record(calls, { ...created, note: `created pod calls-${i}` });
    const notes: string[] = [];
    for (let i = 0; i < 11; i += 1) notes.push(((await accept()).body as EventFields).note);
    await recorder.flush();
    expect(notes.slice(8)).toEqual(['created pod calls-8', 'created pod calls-9', '(combined from similar events) created pod calls-10']);
    expect(server.unclaimed).toBe(0);
    recorder.record(calls, { ...created, reason: 'PodDeleted' });
    expect((await accept()).body).toMatchObject({ reason: 'PodDeleted', note: 'created pod calls-0' });
    await recorder.flush();
  });
});

test('an object that speaks too often is quieted for a while, the others are not', async () => {
  for (let i = 0; i < 40; i += 1) {
    recorder.record(calls, created);
    if (i < DROPPED_AT) await accept();
    await recorder.flush();
  }
  expect(recorder.dropped).toBe(15);
  recorder.record({ ...calls, metadata: { ...calls.metadata, name: 'other' } }, created);
  await accept();
  await recorder.flush();
  clock.advance(5 * 60_000);
  recorder.record(calls, created);
  expect((await accept()).body).toMatchObject({ series: { count: 41 } });
  await recorder.flush();
});

describe('when the API server is in trouble', () => {
  test('tries again later, and an Event that came through after all is no failure', async () => {
    recorder.record(calls, created);
    (await server.next()).refuse(500, 'InternalError');
    await clock.pass(isBackoff);
    (await server.next()).refuse(409, 'AlreadyExists');
    await recorder.flush();
    expect(recorder.dropped).toBe(0);
  });

  test('gives up after five tries, and at once on what is refused for good', async () => {
    recorder.record(calls, created);
    for (let i = 0; i < 5; i += 1) {
      (await server.next()).refuse(503, 'ServiceUnavailable');
      if (i < 4) await clock.pass(isBackoff);
    }
    await recorder.flush();
    expect(recorder.dropped).toBe(1);
    recorder.record(calls, { ...created, note: 'other' });
    (await server.next()).refuse(403, 'Forbidden');
    await recorder.flush();
    expect(recorder.dropped).toBe(2);
    recorder.record(calls, created);
    expect((await accept()).method).toBe('POST');
    await recorder.flush();
  });

  test('keeps what waits within bounds', async () => {
    recorder.record(calls, created);
    const first = await server.next();
    for (let i = 0; i < 600; i += 1) recorder.record({ ...calls, metadata: { ...calls.metadata, name: `c${i}` } }, created);
    expect(recorder.dropped).toBe(101);
    await recorder.close();
    first.reset();
  });
});

test('close() ends it: nothing is under way, and nothing is taken any more', async () => {
  recorder.record(calls, created);
  (await server.next()).refuse(500, 'InternalError');
  await clock.armed(isBackoff);
  await recorder.close();
  await recorder.close();
  recorder.record(calls, created);
  await recorder.flush();
  expect([clock.delaysMs, server.unclaimed]).toEqual([[], 0]);
});
