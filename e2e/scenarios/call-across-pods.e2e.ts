// From a manifest to a call: the operator, two pods on two kube nodes, an app with the SDK, and two browsers in a call through
// routers on both pods. Then everything that may happen to such a call.
import { readFileSync, readdirSync } from 'node:fs';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { leftovers, startCluster, until } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { faultsOf, launchBrowser, openCall } from '../peers/call-page.mjs';
import type { CallPage } from '../peers/call-page.mjs';
import { loadImages } from './images.ts';
import { app, mediaCluster, namespace } from './manifests.ts';

const NAMESPACE = 'calls-e2e';
const POD_READY_MS = 90_000;
const PORT = 3000;

interface Pod {
  metadata: { name: string; uid: string };
  spec: { nodeName: string };
  status: { podIP: string; phase: string; conditions?: { type: string; status: string }[]; containerStatuses?: { restartCount: number }[] };
}

interface NodeStatus {
  workers: { pid: number; routers: { id: string; transports: { type: string; dtlsState?: string }[] }[] }[];
}

let cluster: Cluster;
let browser: Browser;
let appUrl: string;

const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(['-n', NAMESPACE, ...args]);
const apply = (...objects: object[]): Promise<string> => cluster.kubectl(['apply', '-f', '-'], { input: objects.map(object => JSON.stringify(object)).join('\n---\n') });
const pods = async (selector: string): Promise<Pod[]> => (JSON.parse(await kubectl('get', 'pods', '-l', selector, '-o', 'json')) as { items: Pod[] }).items;
const mediaPods = async (): Promise<Pod[]> => (await pods('mediacluster.dev/cluster=calls')).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
const isReady = ({ status }: Pod): boolean => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
const untilReady = (count: number): Promise<Pod[]> => until(`${count} media nodes are ready`, async () => {
  const found = await mediaPods();
  return found.length === count && found.every(isReady) && found;
}, { timeoutMs: POD_READY_MS });

const statusOf = async (podName: string): Promise<NodeStatus> => {
  const pod = (await mediaPods()).find(({ metadata }) => metadata.name === podName);
  if (!pod) throw new Error(`there is no pod ${podName}`);
  const answer = await fetch(`http://${pod.status.podIP}:9090/status`, { signal: AbortSignal.timeout(5_000) });
  return await answer.json() as NodeStatus;
};
const routersOn = async (podName: string): Promise<number> => (await statusOf(podName)).workers.reduce((sum, { routers }) => sum + routers.length, 0);
const nodeOf = async (page: CallPage): Promise<string> => (await page.status()).me!.node;
const appPod = async (): Promise<Pod> => (await pods('app=call'))[0]!;

let ann: CallPage;
let ben: CallPage;

let failedStep: string | undefined;

/** A test that stands on those before it: once one has failed, the others say so at once rather than wait for what cannot come. */
function step(title: string, work: () => Promise<void>, timeoutMs: number): void {
  test(title, async () => {
    if (failedStep) throw new Error(`not tried: "${failedStep}" failed`);
    failedStep = title;
    await work();
    failedStep = undefined;
  }, timeoutMs);
}

describe('a call across pods', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    await loadImages(cluster);
  }, 900_000);

  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 120_000);

  step('helm installs the operator where the restricted Pod Security Standard is enforced', async () => {
    await apply(namespace(NAMESPACE));
    await cluster.helm(['install', 'mediacluster', 'charts/operator', '-n', NAMESPACE, '--wait', '--timeout', '90s']);
    expect(await kubectl('get', 'crd', 'mediaclusters.mediacluster.dev', '-o', 'name')).toContain('mediaclusters.mediacluster.dev');
  }, 120_000);

  step('a MediaCluster of two replicas stands on two kube nodes and becomes Ready', async () => {
    await apply(mediaCluster(NAMESPACE, 2));
    await kubectl('wait', 'mc/calls', '--for=condition=Ready', `--timeout=${POD_READY_MS / 1000}s`);
    const ready = await untilReady(2);
    expect(ready.map(({ metadata }) => metadata.name)).toEqual(['calls-0', 'calls-1']);
    expect(new Set(ready.map(({ spec }) => spec.nodeName)).size).toBe(2);
    const printed = await kubectl('get', 'mc', 'calls');
    expect(printed).toMatch(/calls\s.*\b2\b/);
  }, POD_READY_MS * 2);

  step('an app that may only read EndpointSlices runs as a pod', async () => {
    await apply(...app(NAMESPACE));
    const pod = await until('the app is ready', async () => {
      const found = await appPod();
      return found && isReady(found) && found;
    }, { timeoutMs: POD_READY_MS });
    appUrl = `http://${pod.status.podIP}:${PORT}`;
    const account = `--as=system:serviceaccount:${NAMESPACE}:call`;
    expect((await kubectl('auth', 'can-i', 'list', 'endpointslices.discovery.k8s.io', account)).trim()).toBe('yes');
    // `can-i` ends with 1 for a no.
    await expect(kubectl('auth', 'can-i', 'list', 'pods', account)).rejects.toThrow();
    await expect(kubectl('auth', 'can-i', 'get', 'mediaclusters.mediacluster.dev', account)).rejects.toThrow();
  }, POD_READY_MS * 2);

  step('two browsers are in a call, one through a router on pod 0, the other on pod 1', async () => {
    const executablePath = process.env['CHROMIUM_PATH'];
    if (!executablePath) throw new Error(`there is no Chromium: ${process.env['NO_CHROMIUM_REASON']}`);
    browser = await launchBrowser({ executablePath, origins: [appUrl] });
    ann = await openCall(browser, appUrl, { name: 'Ann', room: 'one', mark: 'red' });
    await ann.untilConnected();
    ben = await openCall(browser, appUrl, { name: 'Ben', room: 'one', mark: 'blue' });
    await Promise.all([ann.untilMedia(), ben.untilMedia()]);
    expect([await nodeOf(ann), await nodeOf(ben)].sort()).toEqual(['calls-0', 'calls-1']);
    for (const pod of ['calls-0', 'calls-1']) {
      const { workers } = await statusOf(pod);
      const transports = workers.flatMap(({ routers }) => routers).flatMap(router => router.transports);
      expect([pod, workers.length, transports.filter(({ dtlsState }) => dtlsState === 'connected').length, transports.filter(({ type }) => type === 'pipe').length])
        .toEqual([pod, 1, 2, 1]);
    }
  }, 120_000);

  step('for ten seconds both see moving pictures of each other and hear each other, and a chat line goes each way', async () => {
    const windowMs = 10_000;
    const [atAnn, atBen] = await Promise.all([ann.watch({ windowMs }), ben.watch({ windowMs })]);
    expect(faultsOf(atAnn, { from: { Ben: 'blue' }, windowMs })).toEqual([]);
    expect(faultsOf(atBen, { from: { Ann: 'red' }, windowMs })).toEqual([]);
    await ann.say('hello Ben');
    expect(await ben.untilChat('hello Ben')).toMatchObject({ from: 'Ann' });
    await ben.say('hello Ann');
    expect(await ann.untilChat('hello Ann')).toMatchObject({ from: 'Ben' });
  }, 60_000);

  step('a third pod is used by new peers without restarting the app', async () => {
    await kubectl('scale', 'mc/calls', '--replicas=3');
    await untilReady(3);
    // Until the app has connected to it, new peers land on the others.
    await until('a new peer lands on calls-2', async () => {
      const cid = await openCall(browser, appUrl, { name: 'Cid', room: 'two' });
      await cid.untilConnected();
      const node = await nodeOf(cid);
      await cid.close();
      return node === 'calls-2';
    }, { timeoutMs: 60_000 });
    expect((await appPod()).status.containerStatuses?.[0]?.restartCount).toBe(0);
  }, POD_READY_MS * 2);

  step('an idle pod that is deleted returns under its name', async () => {
    await until('calls-2 is idle', async () => await routersOn('calls-2') === 0, { timeoutMs: 30_000 });
    const before = (await mediaPods()).find(({ metadata }) => metadata.name === 'calls-2')!;
    await kubectl('delete', 'pod', 'calls-2');
    const after = (await untilReady(3)).find(({ metadata }) => metadata.name === 'calls-2')!;
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(faultsOf(await ann.watch())).toEqual([]);
  }, POD_READY_MS * 2);

  step('nothing happens to the call when the operator is killed', async () => {
    const before = (await mediaPods()).map(({ metadata }) => metadata.uid);
    await kubectl('delete', 'pod', '-l', 'app.kubernetes.io/part-of=mediacluster,app.kubernetes.io/instance=mediacluster', '--force', '--grace-period=0');
    const windowMs = 5_000;
    const [atAnn, atBen] = await Promise.all([ann.watch({ windowMs }), ben.watch({ windowMs })]);
    expect([faultsOf(atAnn, { windowMs }), faultsOf(atBen, { windowMs })]).toEqual([[], []]);
    expect((await mediaPods()).map(({ metadata }) => metadata.uid)).toEqual(before);
    expect([...(await ann.status()).notices, ...(await ben.status()).notices]).toEqual([]);
    await kubectl('rollout', 'status', 'deployment', '-l', 'app.kubernetes.io/instance=mediacluster', '--timeout=90s');
  }, 120_000);

  step('a node in use that is killed without a word: its workers die, and a new call goes over the rest', async () => {
    const lost = await nodeOf(ben);
    killMediaNode(lost);
    // The page is told `lost` only when the worker emitted `died`.
    expect(await ben.untilNotice('was lost')).toContain(lost);
    await Promise.all([ann.untilMedia(), ben.untilMedia()]);
    expect(await nodeOf(ben)).not.toBe(lost);
    const [atAnn, atBen] = await Promise.all([ann.watch(), ben.watch()]);
    expect([faultsOf(atAnn, { from: { Ben: 'blue' } }), faultsOf(atBen, { from: { Ann: 'red' } })]).toEqual([[], []]);
    expect((await appPod()).status.containerStatuses?.[0]?.restartCount).toBe(0);
  }, 120_000);

  step('deleting the MediaCluster leaves nothing, and the app hears of quiet closes and stays alive', async () => {
    const before = await appPod();
    await kubectl('delete', 'mc', 'calls');
    expect(await ann.untilNotice('is leaving')).toContain('calls-');
    expect(await ben.untilNotice('is leaving')).toContain('calls-');
    expect((await ann.status()).notices.filter(notice => notice.includes('was lost'))).toEqual([]);
    await until('its children are gone', async () => (await kubectl('get', 'pods,services,serviceaccounts,secrets,endpointslices', '-l', 'mediacluster.dev/cluster=calls', '-o', 'name')).trim() === '', { timeoutMs: 90_000 });
    const after = await appPod();
    expect([after.metadata.uid, after.status.phase, after.status.containerStatuses?.[0]?.restartCount]).toEqual([before.metadata.uid, 'Running', 0]);
    expect((await fetch(appUrl)).status).toBe(200);
  }, 180_000);

  step('helm uninstall leaves only the CRD', async () => {
    await cluster.helm(['uninstall', 'mediacluster', '-n', NAMESPACE, '--wait', '--timeout', '90s']);
    const selector = 'app.kubernetes.io/instance=mediacluster';
    const kinds = 'deployments,pods,services,serviceaccounts,configmaps,roles,rolebindings,clusterroles,clusterrolebindings';
    await until('what helm made is gone', async () => (await kubectl('get', kinds, '-l', selector, '-o', 'name')).trim() === '', { timeoutMs: 60_000 });
    expect(await cluster.kubectl(['get', 'crd', 'mediaclusters.mediacluster.dev', '-o', 'name'])).toContain('mediaclusters.mediacluster.dev');
  }, 120_000);

  test('the cluster leaves nothing on this machine', async () => {
    await browser.close();
    await cluster.stop();
    expect(await leftovers(cluster.name)).toEqual([]);
  }, 120_000);
});

/** Ends a media node as a kernel out of memory would. The pods' processes are visible from this machine: the cluster's nodes are namespaces of it. */
function killMediaNode(name: string): void {
  const marked = readdirSync('/proc').filter(entry => /^\d+$/.test(entry)).filter(pid => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(`MEDIASOUP_SERVER_NODE_NAME=${name}`);
    } catch {
      return false; // it ended while we looked
    }
  });
  if (marked.length === 0) throw new Error(`no process of media node ${name} was found`);
  for (const pid of marked) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // a worker that went down with its parent
    }
  }
}
