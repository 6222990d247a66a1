/**
 * What the suites of the installed mediasoup hold: a new version shows here what it has added. `forOwn`: assertions that look into
 * mediasoup's own objects (`routersForTesting` and its like), which no other implementation can answer.
 */
export const TESTS_OF_SUITE: Record<string, { readonly tests: number; readonly forOwn?: number }> = {
  ActiveSpeakerObserver: { tests: 6 },
  AudioLevelObserver: { tests: 6 },
  Consumer: { tests: 27 },
  DataConsumer: { tests: 18 },
  DataProducer: { tests: 12 },
  DirectTransport: { tests: 8 },
  PipeTransport: { tests: 24 },
  PlainTransport: { tests: 14 },
  Producer: { tests: 20 },
  Router: { tests: 8, forOwn: 2 },
  WebRtcServer: { tests: 10, forOwn: 14 },
  WebRtcTransport: { tests: 21 },
  Worker: { tests: 13 },
  mediasoup: { tests: 4 },
  multiopus: { tests: 3 },
  ortc: { tests: 5 },
  'werift-sctp': { tests: 3 },
};
