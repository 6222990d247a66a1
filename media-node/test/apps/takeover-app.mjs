// An app with an ownerId that does what its parent asks: takeover-app.mjs URL OWNER_ID. It connects when it is asked to.
import { once } from 'node:events';

import { RemoteMediasoupClient } from '@mediacluster/sdk';

const [url, ownerId] = process.argv.slice(2);
const mediaCodecs = [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 100 }];
const rtpParameters = { codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }], encodings: [{ ssrc: 1 }] };
const listenInfo = { protocol: 'udp', ip: '127.0.0.1' };
const client = new RemoteMediasoupClient({ ownerId });

const sendTo = async (router, producer, port) => {
  const transport = await router.createPlainTransport({ listenInfo, rtcpMux: true });
  await transport.connect({ ip: '127.0.0.1', port });
  return transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities, appData: { to: port } });
};

/** An object with what it shows, and what is below it. */
const tree = object => ({
  class: object.constructor.name,
  id: object.id ?? object.pid,
  appData: object.appData,
  ...('tuple' in object && { tuple: object.tuple }),
  ...('rtpParameters' in object && { paused: object.paused, rtpParameters: object.rtpParameters }),
  below: client.childrenOf(object).map(tree),
});

const asked = {
  async connect() {
    client.open(url);
    await once(client, 'connected');
  },
  async make({ port }) {
    const worker = await client.mediasoup.createWorker({ appData: { made: 'in the first life' } });
    const router = await worker.createRouter({ mediaCodecs, appData: { room: 'blue' } });
    const source = await router.createPlainTransport({ listenInfo, rtcpMux: true, comedia: true });
    const producer = await source.produce({ kind: 'audio', rtpParameters, appData: { from: 'Ada' } });
    await sendTo(router, producer, port);
    return { routerId: router.id, producerId: producer.id, sourcePort: source.tuple.localPort };
  },
  find: () => [...client.workers].map(tree),
  async goOn({ port }) {
    const [worker] = client.workers;
    const [router] = client.childrenOf(worker);
    const producer = client.childrenOf(router).flatMap(transport => client.childrenOf(transport)).find(({ appData }) => appData.from === 'Ada');
    await sendTo(router, producer, port);
  },
  async pause() {
    const [router] = client.childrenOf([...client.workers][0]);
    const consumer = client.childrenOf(router).flatMap(transport => client.childrenOf(transport)).find(({ appData }) => appData.to !== undefined);
    await consumer.pause();
  },
};

process.on('message', ({ ask, ...params }) => void answer(ask, params));

async function answer(ask, params) {
  process.send({ answer: await asked[ask](params) });
}
