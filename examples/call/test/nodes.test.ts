import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type CallPage, faultsOf, launchBrowser, openCall } from '../../../e2e/peers/call-page.mjs';
import { startTcpProxy, type TcpProxy } from '../../../tools/steps/tcp-proxy.mjs';
import { BROWSER_TEST_MS, provideBuild, describeInBrowser, executablePath } from './browser.ts';
import { type LocalApp, type LocalNode, type NodeStatus, isAlive, startLocalApp, startLocalNode, until } from './local-nodes.ts';

const WINDOW = { windowMs: 1_500 };
const LEASE_MS = 4_000;

// As `npm start` runs it: two real media nodes and the app, each a process of its own, which stand for all tests. Each test
// begins with Ada on one node and Blaise on the other.
describeInBrowser('the call on two media nodes', () => {
  let browser: Browser;
  let nodes: LocalNode[];
  let cutters: TcpProxy[];
  let app: LocalApp;
  let ada: CallPage;
  let blaise: CallPage;
  let adasNode: LocalNode;
  let blaisesNode: LocalNode;

  beforeAll(async () => {
    await provideBuild();
    browser = await launchBrowser({ executablePath });
    nodes = await Promise.all(['node-1', 'node-2'].map(name => startLocalNode(name, { leaseMs: LEASE_MS })));
    cutters = await Promise.all(nodes.map(({ url }) => startTcpProxy(url)));
    app = await startLocalApp(cutters.map(({ url }) => url));
  }, BROWSER_TEST_MS);

  afterAll(async () => {
    await browser?.close();
    await app?.program.stop();
    await Promise.all(nodes.map(({ program }) => program.stop()));
    await Promise.all(cutters.map(cutter => cutter.close()));
  }, BROWSER_TEST_MS);

  beforeEach(async () => {
    for (const node of nodes) await until('an empty node', () => node.status(), ({ workers, sessions }) => workers.length === 0 && sessions === 1);
    ada = await openCall(browser, app.url, { name: 'Ada', mark: 'red' });
    const { me } = await ada.untilConnected();
    blaise = await openCall(browser, app.url, { name: 'Blaise', mark: 'blue' });
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    adasNode = nodes.find(({ name }) => name === me?.node)!;
    blaisesNode = nodes.find(node => node !== adasNode)!;
  }, BROWSER_TEST_MS);

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(wordsOfBugs()).toEqual([]);
  }, BROWSER_TEST_MS);

  const expectCall = async (): Promise<void> => {
    const [atAda, atBlaise] = await Promise.all([ada.watch(WINDOW), blaise.watch(WINDOW)]);
    expect(faultsOf(atAda, { ...WINDOW, from: { Blaise: 'blue' } })).toEqual([]);
    expect(faultsOf(atBlaise, { ...WINDOW, from: { Ada: 'red' } })).toEqual([]);
  };

  test('two people see, hear and read each other, each over a router on a node of their own', async () => {
    await expectCall();
    await ada.say('Can you read me?');
    expect(await blaise.untilChat('Can you read me?')).toMatchObject({ from: 'Ada' });
    await blaise.say('Loud and clear.');
    expect(await ada.untilChat('Loud and clear.')).toMatchObject({ from: 'Blaise' });

    const { me, peers } = await ada.status();
    expect(peers[0]?.node).toBe(blaisesNode.name);
    expect(me?.node).toBe(adasNode.name);
    // What Ada sees: produced by a browser on Blaise's node alone, piped, and consumed by a browser on hers alone.
    const { video } = peers[0]!.producers;
    expect(placesOf(await blaisesNode.status(), video)).toEqual({ produced: ['webrtc'], consumed: ['pipe'] });
    expect(placesOf(await adasNode.status(), video)).toEqual({ produced: ['pipe'], consumed: ['webrtc'] });

    await ada.close();
    await blaise.close();
    for (const node of nodes) await until('an empty node', () => node.status(), ({ workers }) => workers.length === 0);
  }, BROWSER_TEST_MS);

  test('a pause and its end travel over the pipe', async () => {
    await ada.toggle('microphone');
    await ada.toggle('camera');
    await blaise.page.waitForSelector('.tile:not(.me).dark.silent');
    await blaise.untilQuiet();
    expect(faultsOf(await blaise.watch(WINDOW), WINDOW)).toHaveLength(3);
    await ada.toggle('microphone');
    await ada.toggle('camera');
    await blaise.page.waitForSelector('.tile:not(.me):not(.dark):not(.silent)');
    await blaise.untilMoving();
    await expectCall();
  }, BROWSER_TEST_MS);

  test('a node that is killed is told to its peer, who joins again on the other one; back again, it is used', async () => {
    const workerPids = (await adasNode.status()).workers.map(({ pid }) => pid);
    process.kill(adasNode.program.pid, 'SIGKILL');
    expect(await ada.untilNotice('was lost')).toContain(adasNode.name);
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    expect((await ada.status()).me?.node).toBe(blaisesNode.name);
    expect((await blaise.status()).notices).toEqual(['Ada left']);
    await expectCall();
    await until('the end of its workers', async () => workerPids.filter(isAlive), alive => alive.length === 0);

    const again = await startLocalNode(adasNode.name, { port: Number(new URL(adasNode.url).port), leaseMs: LEASE_MS });
    nodes[nodes.indexOf(adasNode)] = again;
    await until('the app', () => again.status(), ({ sessions }) => sessions === 1);
    const grace = await openCall(browser, app.url, { name: 'Grace', mark: 'green' });
    expect((await grace.untilConnected({ peers: 2 })).me?.node).toBe(again.name);
  }, BROWSER_TEST_MS);

  test('a worker that is killed is told to its peer alone, who joins again', async () => {
    const { workers } = await adasNode.status();
    process.kill(workers[0]!.pid, 'SIGKILL');
    await ada.untilNotice('was lost');
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    expect((await blaise.status()).notices).toEqual(['Ada left']);
    await expectCall();
  }, BROWSER_TEST_MS);

  test('a socket that breaks is made anew, and the call does not notice', async () => {
    for (const cutter of cutters) cutter.cut();
    await expectCall();
    // Calls go through again: a newcomer is let in, sees both, and is seen.
    const grace = await openCall(browser, app.url, { name: 'Grace', mark: 'green' });
    await Promise.all([grace.untilMedia({ peers: 2 }), ada.untilMedia({ peers: 2 })]);
    const report = await ada.watch(WINDOW);
    expect(faultsOf(report, { ...WINDOW, from: { Blaise: 'blue', Grace: 'green' } })).toEqual([]);
    expect([...(await ada.status()).notices, ...(await blaise.status()).notices]).toEqual([]);
  }, BROWSER_TEST_MS);

  test('what a killed app had made is gone from the nodes after the lease, and the next app has its callers again', async () => {
    const { port } = new URL(app.url);
    process.kill(app.program.pid, 'SIGKILL');
    await app.program.ended;
    await ada.untilNotice('The server is gone');
    for (const node of nodes) await until('an empty node', () => node.status(), ({ workers, sessions }) => workers.length === 0 && sessions === 0, LEASE_MS + 5_000);
    app = await startLocalApp(cutters.map(({ url }) => url), { port: Number(port) });
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    await expectCall();
  }, BROWSER_TEST_MS);

  test('nodes that end as planned end without a loss, with no process left, and the app lives on', async () => {
    const workerPids = (await Promise.all(nodes.map(node => node.status()))).flatMap(({ workers }) => workers.map(({ pid }) => pid));
    expect(workerPids).toHaveLength(2);
    await Promise.all(nodes.map(({ program }) => program.stop(5_000)));
    await Promise.all([ada.untilNotice('is leaving'), blaise.untilNotice('is leaving')]);
    expect(workerPids.filter(isAlive)).toEqual([]);
    expect(isAlive(app.program.pid)).toBe(true);
    expect((await ada.status()).notices.join()).not.toContain('was lost');
  }, BROWSER_TEST_MS);

  /** What the processes wrote that speaks of a bug. */
  const wordsOfBugs = (): string[] => [app, ...nodes].flatMap(({ lines }) => lines).filter(line => /unhandled|uncaught|TypeError|at .*\.ts:/i.test(line));
});

/** On which kinds of transport of this node a producer is produced, and consumed. */
function placesOf({ workers }: NodeStatus, producerId: string | undefined): { produced: string[]; consumed: string[] } {
  const transports = workers.flatMap(({ routers }) => routers.flatMap(router => router.transports));
  return {
    produced: transports.filter(({ producers }) => producers.some(({ id }) => id === producerId)).map(({ type }) => type),
    consumed: transports.filter(({ consumers }) => consumers.some(consumer => consumer.producerId === producerId)).map(({ type }) => type),
  };
}
