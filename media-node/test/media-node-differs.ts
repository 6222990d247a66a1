import type { ConformanceOptions } from '@mediacluster/sdk/conformance';

/** What a media node does otherwise than mediasoup on purpose; docs/differences.md tells each, with what an app sees of it. */
export const differs = {
  lateChildStaysOpen: 'nobody could close it any more',
  rtpObserverPausesTwice: 'an event tells of a change, and there was one',
  canConsumeAfterServerClose: 'the producer is gone',
  failedPipeStays: 'what failed once may work the next time',
  subprocessCloseLater: 'the node does not tell when the process has ended',
  processSignals: 'the workers live in another process, whose signals are its own',
  workerBin: 'a client could start any program of the node',
} as const satisfies ConformanceOptions['differs'];
