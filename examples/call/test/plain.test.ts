import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';
import type { types } from 'mediasoup';
import type { Browser } from 'playwright-core';
import { type CallPage, faultsOf, launchBrowser, openCall } from '../../../e2e/peers/call-page.mjs';
import { type RunningServer, startServer } from '../src/server.ts';
import { BROWSER_TEST_MS, provideBuild, describeInBrowser, executablePath } from './browser.ts';

const WINDOW = { windowMs: 1_500 };
const workers = new Set<types.Worker>();

// The control: what holds here, on mediasoup alone, has to hold on media nodes as well (nodes.test.ts).
describeInBrowser('the call on mediasoup alone', () => {
  let browser: Browser;
  let server: RunningServer;
  let url: string;
  let ada: CallPage;
  let blaise: CallPage;

  beforeAll(async () => {
    await provideBuild();
    mediasoup.observer.on('newworker', worker => {
      workers.add(worker);
      worker.observer.once('close', () => workers.delete(worker));
    });
    browser = await launchBrowser({ executablePath });
    server = await startServer({ mediasoup, port: 0, host: 'localhost', announcedAddress: '127.0.0.1' });
    url = `http://localhost:${server.port}`;
  }, BROWSER_TEST_MS);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const worker of workers) worker.close();
  });

  beforeEach(async () => {
    const room = `room-${Math.random()}`;
    ada = await openCall(browser, url, { name: 'Ada', room, mark: 'red' });
    blaise = await openCall(browser, url, { name: 'Blaise', room, mark: 'blue' });
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
  }, BROWSER_TEST_MS);

  afterEach(async () => {
    const errors = [ada, blaise].flatMap(page => page.errors);
    for (const context of browser.contexts()) await context.close();
    expect(errors).toEqual([]);
  });

  test('two people see, hear and read each other, each over a worker of their own', async () => {
    const [atAda, atBlaise] = await Promise.all([ada.watch(WINDOW), blaise.watch(WINDOW)]);
    expect(faultsOf(atAda, { ...WINDOW, from: { Blaise: 'blue' } })).toEqual([]);
    expect(faultsOf(atBlaise, { ...WINDOW, from: { Ada: 'red' } })).toEqual([]);
    expect(atAda.node).toMatch(/^pid \d+$/);
    expect(atBlaise.node).toMatch(/^pid \d+$/);
    expect(atAda.node).not.toBe(atBlaise.node);
    expect(atAda.people[0]?.node).toBe(atBlaise.node);

    await ada.say('Can you read me?');
    expect(await blaise.untilChat('Can you read me?')).toMatchObject({ from: 'Ada' });
    await blaise.say('Loud and clear.');
    expect(await ada.untilChat('Loud and clear.')).toMatchObject({ from: 'Blaise' });
  }, BROWSER_TEST_MS);

  test('what is muted does not arrive, is shown as muted, and comes back', async () => {
    await ada.toggle('microphone');
    await ada.toggle('camera');
    await blaise.page.waitForSelector('.tile:not(.me).dark.silent');
    await blaise.untilQuiet();
    expect(faultsOf(await blaise.watch(WINDOW), WINDOW)).toEqual([
      expect.stringContaining('video frames of Ada were decoded'),
      'no audio energy of Ada arrived',
      'the picture of Ada stands still',
    ]);
    await ada.toggle('microphone');
    await ada.toggle('camera');
    await blaise.page.waitForSelector('.tile:not(.me):not(.dark):not(.silent)');
    await blaise.untilMoving();
    expect(faultsOf(await blaise.watch(WINDOW), { ...WINDOW, from: { Ada: 'red' } })).toEqual([]);
  }, BROWSER_TEST_MS);

  test('a picture that stands still, and one of somebody else, are told from the right one', async () => {
    await openCall(browser, url, { name: 'Grace', room: 'still', mark: 'green', still: true });
    const hedy = await openCall(browser, url, { name: 'Hedy', room: 'still', mark: 'yellow' });
    await hedy.untilMedia();
    const report = await hedy.watch(WINDOW);
    expect(faultsOf(report, { ...WINDOW, from: { Grace: 'green' } })).toEqual(['the picture of Grace stands still']);
    expect(faultsOf({ ...report, people: [{ ...report.people[0]!, changes: 5 }] }, { ...WINDOW, from: { Grace: 'yellow' } })).toEqual([
      expect.stringContaining('the picture of Grace has the colour'),
    ]);
  }, BROWSER_TEST_MS);

  test('a reload is a new peer in the same call; who leaves takes the worker along', async () => {
    await ada.page.reload();
    await blaise.untilNotice('Ada left');
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    expect(workers.size).toBe(2);
    const [last] = [...workers].slice(-1);
    await ada.page.click('#leave');
    if (last && !last.closed) await once(last.observer, 'close');
    expect((await blaise.untilConnected({ peers: 0 })).peers).toEqual([]);
    expect((await ada.status()).state).toBe('left');
    expect(workers.size).toBe(1);
  }, BROWSER_TEST_MS);

  test('a worker that dies is told to its peer, who joins again by itself', async () => {
    const { me } = await ada.status();
    process.kill(Number(me?.node.replace('pid ', '')), 'SIGKILL');
    expect(await ada.untilNotice('was lost')).toBe(`The media node ${me?.node} was lost: joining again on another one`);
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    expect((await ada.status()).me?.node).not.toBe(me?.node);
    expect(faultsOf(await blaise.watch(WINDOW), { ...WINDOW, from: { Ada: 'red' } })).toEqual([]);
  }, BROWSER_TEST_MS);

  test('a server that went away and came back has its callers again', async () => {
    const { port } = server;
    await server.close();
    await Promise.all([ada.untilNotice('The server is gone'), blaise.untilNotice('The server is gone')]);
    expect(workers.size).toBe(0);
    server = await startServer({ mediasoup, port, host: 'localhost', announcedAddress: '127.0.0.1' });
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);
    // Chromium itself reports each refused connection as an error of the page.
    for (const page of [ada, blaise]) page.errors.splice(0, Infinity, ...page.errors.filter(error => !error.includes('WebSocket connection')));
  }, BROWSER_TEST_MS);
});
