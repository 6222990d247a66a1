import { isDeepStrictEqual } from 'node:util';

import type { RouterRtpCapabilities, RouterRtpCodecCapability, RtcpFeedback } from 'mediasoup/types';

import { IncompatibleError } from '../errors.ts';
import type { Mediasoup } from '../manager.ts';

/** What a set has told its app: no member may have less. */
export interface Promised {
  readonly version: string;
  readonly rtpCapabilities: RouterRtpCapabilities;
}

/** What the first member of a set promises for all that come after it. */
export function promiseOf(mediasoup: Pick<Mediasoup, 'version' | 'getSupportedRtpCapabilities'>): Promised {
  return { version: mediasoup.version, rtpCapabilities: mediasoup.getSupportedRtpCapabilities() };
}

/**
 * Whether a member with `offered` may join a set that has `promised`: the same major version of mediasoup, and every codec and
 * header extension. Equal versions are not asked for: a rolling update must be possible.
 * @throws IncompatibleError that names both.
 */
export function assertCompatible(promised: Promised, offered: Promised, name: string): void {
  if (major(promised.version) !== major(offered.version)) {
    throw new IncompatibleError(`${name} has mediasoup ${offered.version}, the set has ${promised.version}: their major versions must be equal`);
  }
  const missing = missingFrom(offered.rtpCapabilities, promised.rtpCapabilities);
  if (missing.length > 0) {
    throw new IncompatibleError(`${name} (mediasoup ${offered.version}) lacks what the set (mediasoup ${promised.version}) supports: ${missing.join(', ')}`);
  }
}

/** Names of what `promised` has and `offered` has not. */
export function missingFrom(offered: RouterRtpCapabilities, promised: RouterRtpCapabilities): string[] {
  const codecs = (promised.codecs ?? []).filter(codec => !(offered.codecs ?? []).some(other => covers(other, codec)));
  const extensions = (promised.headerExtensions ?? []).filter(extension => !(offered.headerExtensions ?? []).some(other => isDeepStrictEqual(other, extension)));
  return [...codecs.map(({ mimeType, clockRate }) => `${mimeType}/${clockRate}`), ...extensions.map(({ kind, uri }) => `${kind} ${uri}`)];
}

/** More feedback than promised does no harm; everything else decides what is said in SDP and must be equal. */
function covers(offered: RouterRtpCodecCapability, promised: RouterRtpCodecCapability): boolean {
  const { rtcpFeedback: has, ...offeredRest } = withDefaults(offered);
  const { rtcpFeedback: needs, ...promisedRest } = withDefaults(promised);
  return isDeepStrictEqual(offeredRest, promisedRest) && needs.every(feedback => has.some(other => isDeepStrictEqual(other, feedback)));
}

/** mediasoup fills these in, in its own list, when it makes its first router: a node then says the same in other words. */
function withDefaults({ channels, parameters = {}, rtcpFeedback = [], ...codec }: RouterRtpCodecCapability): RouterRtpCodecCapability & { rtcpFeedback: RtcpFeedback[] } {
  return { ...codec, channels: codec.kind === 'audio' ? channels ?? 1 : undefined, parameters, rtcpFeedback: rtcpFeedback.map(({ type, parameter = '' }) => ({ type, parameter })) };
}

function major(version: string): string {
  return version.split('.')[0]!;
}
