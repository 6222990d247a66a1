import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type CallPage, faultsOf, launchBrowser, openCall } from '../../../e2e/peers/call-page.mjs';
import { startTcpProxy, type TcpProxy } from '../../../tools/steps/tcp-proxy.mjs';
import { BROWSER_TEST_MS, provideBuild, describeInBrowser, executablePath } from './browser.ts';
import { type LocalApp, type LocalNode, startLocalApp, startLocalNode, until } from './local-nodes.ts';

const DELAY_MS = 50; // in each direction
const CUT_EVERY_MS = 5_000;
const WINDOW = { windowMs: 12_000 };
const SAMPLE_EVERY_MS = 100;
/** The pages send 20 in a second; what a busy machine does not decode is not our link's doing. */
const LEAST_FRAMES = 10 * (WINDOW.windowMs / 1_000);
/** A link that took media along would stop them for good, or until somebody has joined again. */
const LONGEST_STILL_MS = 2_000;

// The call as it stands, over a link from the app to its nodes that is slow and breaks all the time; media do not go over that link.
describeInBrowser('the call over a link of 50 ms that is cut every 5 s', () => {
  let browser: Browser;
  let nodes: LocalNode[];
  let links: TcpProxy[];
  let app: LocalApp;
  let cutting: NodeJS.Timeout;

  beforeAll(async () => {
    await provideBuild();
    browser = await launchBrowser({ executablePath });
    nodes = await Promise.all(['node-1', 'node-2'].map(name => startLocalNode(name)));
    links = await Promise.all(nodes.map(({ url }) => startTcpProxy(url, { roundTripMs: 2 * DELAY_MS })));
    cutting = setInterval(() => links.forEach(link => link.cut()), CUT_EVERY_MS);
    app = await startLocalApp(links.map(({ url }) => url));
  }, BROWSER_TEST_MS);

  afterAll(async () => {
    clearInterval(cutting);
    await browser?.close();
    await app?.program.stop();
    await Promise.all(nodes.map(({ program }) => program.stop()));
    await Promise.all(links.map(link => link.close()));
  }, BROWSER_TEST_MS);

  test('people join, see, hear and read each other, and nobody notices', async () => {
    const ada = await openCall(browser, app.url, { name: 'Ada', mark: 'red' });
    const blaise = await openCall(browser, app.url, { name: 'Blaise', mark: 'blue' });
    await Promise.all([ada.untilMedia(), blaise.untilMedia()]);

    const cutsBefore = links.map(({ cuts }) => cuts);
    const [atAda, atBlaise, stillAtAda, stillAtBlaise] = await Promise.all([ada.watch(WINDOW), blaise.watch(WINDOW), longestStill(ada), longestStill(blaise)]);
    for (const [index, { cuts }] of links.entries()) expect(cuts - cutsBefore[index]!).toBeGreaterThanOrEqual(2);
    expect(faultsOf(atAda, { ...WINDOW, from: { Blaise: 'blue' } })).toEqual([]);
    expect(faultsOf(atBlaise, { ...WINDOW, from: { Ada: 'red' } })).toEqual([]);
    expect(Math.min(atAda.framesDecoded, atBlaise.framesDecoded)).toBeGreaterThan(LEAST_FRAMES);
    expect(Math.max(stillAtAda, stillAtBlaise)).toBeLessThan(LONGEST_STILL_MS);

    // What needs the link works all the same: a word, a pause and its end, a newcomer, a leave.
    await ada.say('Still there?');
    await blaise.untilChat('Still there?');
    await blaise.toggle('camera');
    await ada.page.waitForSelector('.tile:not(.me).dark');
    await blaise.toggle('camera');
    await ada.page.waitForSelector('.tile:not(.me):not(.dark)');
    const grace = await openCall(browser, app.url, { name: 'Grace', mark: 'green' });
    await Promise.all([grace, ada, blaise].map(page => page.untilMedia({ peers: 2 })));
    await grace.close();
    await Promise.all([ada, blaise].map(page => page.untilConnected({ peers: 1 })));
    await Promise.all([ada, blaise].map(page => page.untilMoving()));

    for (const page of [ada, blaise]) expect((await page.status()).notices.filter(notice => !notice.startsWith('Grace '))).toEqual([]);
    expect([...ada.errors, ...blaise.errors]).toEqual([]);
    await Promise.all([ada.close(), blaise.close()]);
    for (const node of nodes) await until('an empty node', () => node.status(), ({ workers, sessions }) => workers.length === 0 && sessions === 1);
    expect([...app.lines, ...nodes.flatMap(({ lines }) => lines)]).toEqual([]);
  }, BROWSER_TEST_MS);
});

/** For how long no further video frame was decoded, at most, within the window. */
function longestStill(page: CallPage): Promise<number> {
  return page.page.evaluate(async ({ windowMs, everyMs }) => {
    const { call } = window as unknown as { call: { stats(): Promise<{ framesDecoded: number }> } };
    let longestMs = 0;
    let frames = -1;
    let sinceMs = performance.now();
    for (const endMs = sinceMs + windowMs; performance.now() < endMs; await new Promise(resolve => setTimeout(resolve, everyMs))) {
      const { framesDecoded } = await call.stats();
      longestMs = Math.max(longestMs, performance.now() - sinceMs);
      if (framesDecoded === frames) continue;
      frames = framesDecoded;
      sinceMs = performance.now();
    }
    return longestMs;
  }, { ...WINDOW, everyMs: SAMPLE_EVERY_MS });
}
