import { expect, test } from '@jest/globals';
import { getSupportedRtpCapabilities, ortc, version } from 'mediasoup';

import { IncompatibleError } from '../errors.ts';
import { assertCompatible, missingFrom, promiseOf } from './compatibility.ts';

const rtpCapabilities = getSupportedRtpCapabilities();
const promised = promiseOf({ version, getSupportedRtpCapabilities });
const normalized = getSupportedRtpCapabilities();
ortc.validateAndNormalizeRtpCapabilities(normalized);
const without = (mimeType: string) => ({ ...rtpCapabilities, codecs: rtpCapabilities.codecs!.filter(codec => codec.mimeType !== mimeType) });

test.each([
  ['the same version', { version, rtpCapabilities }],
  ['another minor version, as in a rolling update', { version: '3.99.0', rtpCapabilities }],
  ['more codecs', { version, rtpCapabilities: { ...rtpCapabilities, codecs: [...rtpCapabilities.codecs!, { kind: 'video', mimeType: 'video/new', clockRate: 90_000 }] } }],
  ['more feedback', {
    version,
    rtpCapabilities: { ...rtpCapabilities, codecs: rtpCapabilities.codecs!.map(codec => ({ ...codec, rtcpFeedback: [...codec.rtcpFeedback ?? [], { type: 'new' }] })) },
  }],
  ['defaults filled in, as mediasoup does with its own list when it makes the first router', { version, rtpCapabilities: normalized }],
] as const)('takes a member with %s', (_, offered) => {
  expect(() => assertCompatible(promised, offered as typeof promised, 'node b')).not.toThrow();
});

test('takes a fresh member where the first one had made a router already', () => {
  expect(normalized).not.toEqual(rtpCapabilities);
  expect(missingFrom(rtpCapabilities, normalized)).toEqual([]);
});

test('refuses another major version and names both', () => {
  expect(() => assertCompatible(promised, { version: '4.0.0', rtpCapabilities }, 'node b')).toThrow(
    new IncompatibleError(`node b has mediasoup 4.0.0, the set has ${version}: their major versions must be equal`),
  );
});

test('refuses fewer capabilities and names what is missing', () => {
  const offered = { ...without('video/VP8'), headerExtensions: rtpCapabilities.headerExtensions!.slice(1) };
  const { kind, uri } = rtpCapabilities.headerExtensions![0]!;
  expect(missingFrom(offered, rtpCapabilities)).toEqual(['video/VP8/90000', `${kind} ${uri}`]);
  expect(() => assertCompatible(promised, { version, rtpCapabilities: offered }, 'node b')).toThrow(
    `node b (mediasoup ${version}) lacks what the set (mediasoup ${version}) supports: video/VP8/90000, ${kind} ${uri}`,
  );
});

test('refuses one that tells of no header extensions at all', () => {
  const { codecs } = rtpCapabilities;
  expect(missingFrom({ codecs }, rtpCapabilities)).toEqual(rtpCapabilities.headerExtensions!.map(({ kind, uri }) => `${kind} ${uri}`));
});

test('refuses less feedback', () => {
  const offered = { ...rtpCapabilities, codecs: rtpCapabilities.codecs!.map(codec => ({ ...codec, rtcpFeedback: undefined })) };
  expect(missingFrom(offered, rtpCapabilities)).toContain('audio/opus/48000');
});

test('asks for nothing where nothing was promised', () => {
  expect(missingFrom({}, {})).toEqual([]);
  expect(missingFrom({}, { codecs: [{ kind: 'audio', mimeType: 'audio/x', clockRate: 1, preferredPayloadType: 1 }] })).toEqual(['audio/x/1']);
});
