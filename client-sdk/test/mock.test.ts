import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RemoteMediasoupClientMock } from '@mediacluster/sdk/mock';
import * as mediasoup from 'mediasoup';

import { makeCall } from './call.ts';
import { describeClientStates } from './client-states.ts';

const URL = 'ws://nobody.invalid:1';

describeClientStates({ url: () => URL, make: (...args) => new RemoteMediasoupClientMock(...args) });

async function connected(): Promise<RemoteMediasoupClientMock & { mediasoup: NonNullable<RemoteMediasoupClientMock['mediasoup']> }> {
  const mock = new RemoteMediasoupClientMock(URL);
  await new Promise(resolve => { mock.once('connected', () => resolve(undefined)); });
  return mock as never;
}

describe('the mediasoup of a mock', () => {
  test('has the members of the module, and is its own default', async () => {
    const mock = await connected();
    expect(Object.keys(mock.mediasoup).toSorted()).toEqual(Object.keys(mediasoup).toSorted());
    expect(mock.mediasoup.default).toBe(mock.mediasoup);
    expect(mock.mediasoup.observer).toBe(mediasoup.observer);
    mock.destroy();
  });

  test('is the same after it was closed and opened again', async () => {
    const mock = await connected();
    const { mediasoup: before, node } = mock;
    mock.close();
    mock.open();
    await new Promise(resolve => { mock.once('connected', () => resolve(undefined)); });
    expect(mock.mediasoup).toBe(before);
    expect(mock.node).toBe(node);
    mock.destroy();
  });

  test('tells what is below each object, until it is closed', async () => {
    const mock = await connected();
    const { worker, server, router, t1, t2, pipe, p, dp, c, dc } = await makeCall(mock.mediasoup);
    expect(mock.childrenOf(worker)).toEqual([server, router]);
    expect(mock.childrenOf(router)).toEqual([t1, t2, pipe]);
    expect(mock.childrenOf(t1)).toEqual([p, dp]);
    expect(mock.childrenOf(t2)).toEqual([c, dc]);
    c.close();
    expect(mock.childrenOf(t2)).toEqual([dc]);
    expect(mock.childrenOf(c)).toEqual([]);
    mock.destroy();
    expect(mock.childrenOf(worker)).toEqual([]);
    const elsewhere = await mediasoup.createWorker();
    expect(mock.childrenOf(elsewhere)).toEqual([]);
    elsewhere.close();
  });

  test('leaves the workers of others alone', async () => {
    const [one, other] = [await connected(), await connected()];
    const worker = await one.mediasoup.createWorker();
    expect([...other.workers]).toEqual([]);
    other.destroy();
    expect(worker.closed).toBe(false);
    expect(Object.keys((await one.getStats())!.pidusages!)).toEqual([String(worker.pid)]);
    one.destroy();
    expect(worker.closed).toBe(true);
  });
});

test('a mock has no link that could break, and takes whatever it is told of one', async () => {
  const mock = await connected();
  mock.unlisted();
  mock.listed();
  expect([mock.connected, mock.draining, mock.node!.mediasoupVersion]).toEqual([true, false, mediasoup.version]);
  expect(mock.inspect()).toMatchObject({ url: URL, readyState: 4, session: undefined, objects: 0 });
  expect(mock.metrics).toMatchObject({ calls: [], bytesSent: 0 });
  mock.destroy();
});

describe('without mediasoup', () => {
  afterEach(() => void jest.resetModules());

  test('a mock says so and closes', async () => {
    jest.unstable_mockModule('mediasoup', () => {
      throw new Error('not there');
    });
    const { RemoteMediasoupClientMock: Mock } = await import('@mediacluster/sdk/mock');
    const mock = new Mock(URL);
    const errors: Error[] = [];
    mock.on('error', error => errors.push(error));
    await new Promise(resolve => { mock.once('close', () => resolve(undefined)); });
    expect(errors).toHaveLength(1);
    expect(errors[0]!.message).toContain('mediasoup is not installed');
    expect(mock.readyState).toBe(Mock.CLOSED);
    const silent = new Mock(URL); // without a listener nothing is thrown
    await new Promise(resolve => { silent.once('close', () => resolve(undefined)); });
    expect(silent.readyState).toBe(Mock.CLOSED);
  });
});
