import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { on, once } from 'node:events';
import fs from 'node:fs';
import * as mediasoup from 'mediasoup';
import { ProtectionProfileAeadAes128Gcm, ProtectionProfileAes128CmHmacSha1_80, RtpHeader, RtpPacket } from 'werift';
import { runtimeLibraries } from '../worker/runtime-libraries.mjs';
import { connectPeer } from './fixtures/dtls-peer.mjs';

/*
 * What only a real handshake shows. A worker built against an OpenSSL with kernel TLS, without the mend of
 * tools/worker/build/source.mjs, passes everything else and dies here; and what goes through SRTP both ways afterwards
 * has passed the adapter between libsrtp 3's interface and libsrtp 2.
 */

const OPUS = { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 };

let worker;
let died;
let router;
beforeAll(async () => {
  worker = await mediasoup.createWorker({ logLevel: 'warn' });
  died = once(worker, 'died').then(([error]) => {
    throw error;
  });
  died.catch(() => {}); // heard by whoever waits for something of the worker's
  router = await worker.createRouter({ mediaCodecs: [OPUS] });
});
afterAll(() => worker?.close());

const ends = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function until(emitter, event, isIt) {
  for await (const [value] of on(emitter, event)) {
    if (isIt(value)) return;
  }
}

const rtpParameters = ssrc => ({
  codecs: [{ mimeType: OPUS.mimeType, payloadType: 100, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc }],
});
const header = ({ ssrc, sequenceNumber, payloadType = 100 }) => new RtpHeader({
  version: 2, marker: true, payloadType, sequenceNumber, timestamp: sequenceNumber * 960, ssrc,
});
const payload = Buffer.from('what the other end must hear');

/** The shared libraries that a process has mapped; none where there is no /proc. */
function librariesInUse(pid) {
  if (process.platform !== 'linux') return [];
  return [...new Set(fs.readFileSync(`/proc/${pid}/maps`, 'utf8').match(/\/\S+\.so[.\d]*$/gm))];
}

/** Those of `files` that an image would lack which holds what `runtimeLibraries()` names. */
function notListed(files) {
  const listed = runtimeLibraries(mediasoup.workerBin).map(file => fs.realpathSync(file));
  return files.filter(file => !listed.includes(file));
}

test.each([
  ['the client', 'client', 'AEAD_AES_128_GCM', ProtectionProfileAeadAes128Gcm],
  ['the server', 'server', 'AES_CM_128_HMAC_SHA1_80', ProtectionProfileAes128CmHmacSha1_80],
])('does a real DTLS handshake with a peer that is %s, and SRTP both ways', async (_, role, name, srtpProfile) => {
  const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  const direct = await router.createDirectTransport();
  const connected = until(transport, 'dtlsstatechange', state => state === 'connected');
  const peer = await Promise.race([connectPeer(transport, { role, srtpProfile }), died]);
  ends.push(() => peer.close(), () => transport.close(), () => direct.close());
  await connected;
  expect(peer.dtls.dtls.srtp.srtpProfile).toBe(srtpProfile);
  // The worker has seen that the certificate of the handshake is the one whose fingerprint it was told.
  expect(transport.dtlsRemoteCert).toContain('BEGIN CERTIFICATE');

  // In: the peer encrypts, the worker decrypts.
  const producer = await transport.produce({ kind: 'audio', rtpParameters: rtpParameters(1111) });
  const heard = await direct.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities });
  const heardOne = once(heard, 'rtp');
  await peer.dtls.sendRtp(payload, header({ ssrc: 1111, sequenceNumber: 7 }));
  const [arrived] = await heardOne;
  expect(RtpPacket.deSerialize(arrived).payload).toEqual(payload);

  // Out: the worker encrypts, the peer decrypts.
  const source = await direct.produce({ kind: 'audio', rtpParameters: rtpParameters(2222) });
  const sent = await transport.consume({ producerId: source.id, rtpCapabilities: router.rtpCapabilities });
  const received = peer.dtls.onRtp.asPromise();
  source.send(new RtpPacket(header({ ssrc: 2222, sequenceNumber: 9 }), payload).serialize());
  const [packet] = await received;
  expect(packet.header.ssrc).toBe(sent.rtpParameters.encodings[0].ssrc);
  expect(packet.payload).toEqual(payload);

  // Now, and not after close(): what encrypts is loaded for the first SRTP session and unloaded after the last.
  expect(notListed(librariesInUse(worker.pid))).toEqual([]);
});
