import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { EventLog } from './event-log.ts';
import { ScriptedNode, numberOf, rtpCapabilities, rtpParameters } from './scripted-node.ts';

/** The tables of docs/closing.md: first cells and the code in the others. */
const rows = readFileSync(new URL('../../docs/closing.md', import.meta.url), 'utf8').split('\n')
  .filter(line => line.startsWith('| ') && /[!°]/.test(line))
  .map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))
  .map(([what, ...cells]) => [what!, ...cells.map(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, event]) => event!))] as const);

async function makeTree(node: ScriptedNode) {
  const worker = await node.mediasoup.createWorker();
  const webRtcServer = await worker.createWebRtcServer({ listenInfos: [] });
  const router = await worker.createRouter();
  const transport = await router.createWebRtcTransport({ webRtcServer });
  const producer = await transport.produce({ kind: 'audio', rtpParameters });
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
  const dataProducer = await transport.produceData();
  const dataConsumer = await transport.consumeData({ dataProducerId: dataProducer.id });
  const rtpObserver = await router.createAudioLevelObserver();
  return { worker, webRtcServer, router, transport, producer, consumer, dataProducer, dataConsumer, rtpObserver };
}

type Tree = Awaited<ReturnType<typeof makeTree>>;

async function prepare(): Promise<{ node: ScriptedNode; tree: Tree; heard: () => string[] }> {
  const node = new ScriptedNode();
  const tree = await makeTree(node);
  const log = new EventLog();
  for (const [name, object] of Object.entries(tree)) log.follow(name, object);
  return { node, tree, heard: () => log.take().map(line => line.replace(/ .*/, '')) };
}

const calls = rows.filter(([what]) => what.startsWith('`'));
const missed = rows.filter(([what]) => /^a [A-Z]/.test(what));
const ends = rows.filter(([what]) => what.startsWith('its '));

test('the tables are there', () => {
  expect([calls.length, missed.length, ends.length, rows.length]).toEqual([9, 4, 3, 16]);
});

describe('what is heard', () => {
  test.each(calls)('of %s', async (what, atOnce, later) => {
    const { node, tree, heard } = await prepare();
    const name = /^`(\w+)\.close\(\)`$/.exec(what)![1] as keyof Tree;
    tree[name].close();
    expect(heard()).toEqual(atOnce);
    for (const [consumer, event] of [['consumer', 'producerclose'], ['dataConsumer', 'dataproducerclose']] as const) {
      if (later.includes(`${consumer}!${event}`)) node.replica.closed(numberOf(tree[consumer]), event); // the worker's word
    }
    await new Promise(setImmediate);
    expect(heard()).toEqual(later);
  });

  test.each(calls)('of %s by another session', async (what, atOnce) => {
    const { node, tree, heard } = await prepare();
    const name = /^`(\w+)\.close\(\)`$/.exec(what)![1] as keyof Tree;
    if (name === 'worker') return; // a worker that is gone without a word has died: below
    node.replica.closed(numberOf(tree[name]));
    expect(heard()).toEqual(atOnce);
  });
});

describe('what a worker hears of the end of its node', () => {
  const happenings: Record<string, (node: ScriptedNode, tree: Tree) => void> = {
    'its process dies': (node, { worker }) => node.replica.closed(numberOf(worker), 'died', [{ message: '[pid:7, code:1, signal:null]' }]),
    'its node is lost': node => node.replica.lost('lease'),
    'its node leaves as planned, or the app closes its client': node => node.replica.left('goodbye'),
  };

  test.each(ends)('when %s', async (what, atOnce, later) => {
    const { node, tree, heard } = await prepare();
    happenings[what]!(node, tree);
    const told = heard();
    const below = calls.find(([call]) => call === '`worker.close()`')![1]!.filter(line => !line.startsWith('worker'));
    expect(told).toEqual([...below, ...atOnce]);
    await new Promise(setImmediate);
    expect(heard()).toEqual(later);
  });
});

describe('what was missed', () => {
  test.each(missed)('is told for %s', async (what, told) => {
    const { node, tree, heard } = await prepare();
    const names = [...what.matchAll(/[A-Z]\w+/g)].map(([name]) => name.replace(/^\w/, first => first.toLowerCase()) as keyof Tree);
    const missing = new Set(names.map(name => numberOf(tree[name])));
    node.snapshot(record => (missing.has(record.object) ? undefined : record));
    expect(heard()).toEqual(told);
  });
});
