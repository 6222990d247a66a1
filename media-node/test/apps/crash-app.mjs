// An app that makes one object after the other, tells after each, and goes on until it is killed: crash-app.mjs URL [OWNER_ID]
import { RemoteMediasoupClient } from '@mediacluster/sdk';

const [url, ownerId] = process.argv.slice(2);
const mediaCodecs = [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 100 }];
const listenInfo = { protocol: 'udp', ip: '127.0.0.1' };
const rtpParameters = ssrc => ({ codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }], encodings: [{ ssrc }] });

const client = new RemoteMediasoupClient(url, { ownerId, clientName: 'crash-app' });
process.send('started');
client.once('mediasoup', mediasoup => void work(mediasoup));

async function work(mediasoup) {
  const told = object => {
    process.send(object.constructor.name);
    return object;
  };
  // With an ownerId it may find a worker that it had in an earlier life, and goes on with that.
  const [found] = client.workers;
  const worker = found ?? told(await mediasoup.createWorker());
  for (;;) {
    const router = told(await worker.createRouter({ mediaCodecs }));
    const direct = told(await router.createDirectTransport());
    const producer = told(await direct.produce({ kind: 'audio', rtpParameters: rtpParameters(1) }));
    const plain = told(await router.createPlainTransport({ listenInfo }));
    told(await plain.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities }));
    told(await router.createWebRtcTransport({ listenInfos: [listenInfo] }));
    told(await direct.produceData());
  }
}
