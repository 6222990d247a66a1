// A mediasoup app as its authors write them, as an ES module; it knows nothing of media nodes.
import { enhancedOnce } from 'mediasoup/extras';
import { UnsupportedError } from 'mediasoup/errors';
import { canConsume } from 'mediasoup/ortc';
import * as mediasoup from 'mediasoup';
import whole, { createWorker, observer } from 'mediasoup';
import 'mediasoup/types';

let routers = 0;
observer.on('newworker', worker => worker.observer.on('newrouter', () => { routers += 1; }));
const workers = await Promise.all([createWorker({ logLevel: 'warn' }), mediasoup.createWorker()]);
for (const worker of workers) worker.on('died', error => console.error('died', error));
const router = await workers[0].createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 }] });
const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
const refused = await workers[1].createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/chicken', clockRate: 48000 }] }).catch(error => error);
const closed = enhancedOnce(transport, 'routerclose');
router.close();
await closed;
console.log(JSON.stringify({
  routers,
  keys: Object.keys(whole).toSorted(),
  pids: workers.map(worker => worker.pid),
  candidates: transport.iceCandidates.length,
  refused: refused instanceof UnsupportedError && refused instanceof mediasoup.errors.UnsupportedError,
  pure: typeof canConsume,
  closed: transport.closed,
}));
process.stdin.once('data', () => {
  for (const worker of workers) worker.close();
  process.exit(0);
});
