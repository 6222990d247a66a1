// A mediasoup app as its authors write them, in CommonJS; it knows nothing of media nodes.
const mediasoup = require('mediasoup');
const { UnsupportedError } = require('mediasoup/errors');
const { canConsume } = require('mediasoup/ortc');
const { enhancedOnce } = require('mediasoup/extras');

require('mediasoup/types');

const workers = [];
let routers = 0;

async function main() {
  mediasoup.observer.on('newworker', worker => worker.observer.on('newrouter', () => { routers += 1; }));
  for (let index = 0; index < 2; index++) {
    const worker = await mediasoup.createWorker({ logLevel: 'warn' });
    worker.on('died', error => console.error('died', error));
    workers.push(worker);
  }
  const router = await workers[0].createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 }] });
  const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  const refused = await workers[1].createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/chicken', clockRate: 48000 }] }).catch(error => error);
  const closed = enhancedOnce(transport, 'routerclose');
  router.close();
  await closed;
  console.log(JSON.stringify({
    routers,
    keys: Object.keys(mediasoup).toSorted(),
    pids: workers.map(worker => worker.pid),
    candidates: transport.iceCandidates.length,
    refused: refused instanceof UnsupportedError && refused instanceof mediasoup.errors.UnsupportedError,
    pure: typeof canConsume,
    closed: transport.closed,
  }));
  await new Promise(resolve => process.stdin.once('data', resolve));
  for (const worker of workers) worker.close();
  process.exit(0);
}

void main();
