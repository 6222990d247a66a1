/** A test of mediasoup's own that cannot pass over a remote one. */
export interface CannotPass {
  readonly suite: string;
  readonly test: string;
  readonly reason: string;
  /** The test of ours that covers the same ground: its file, from the repository's root, and its title. */
  readonly instead: { readonly file: string; readonly title: string };
}

const INJECTS = 'it puts messages of the worker into a channel of its own process';

/** What cannot pass where mediasoup's objects are mirrors. At most four. In ours the worker has reason to send the same messages. */
export const CANNOT_PASS_REMOTE: readonly CannotPass[] = [
  {
    suite: 'Consumer',
    test: 'Consumer emits "score"',
    reason: INJECTS,
    instead: { file: 'client-sdk/src/conformance/suites/layers.ts', title: "a consumer's score, with its producer's" },
  },
  {
    suite: 'Producer',
    test: 'Producer emits "score"',
    reason: INJECTS,
    instead: { file: 'client-sdk/src/conformance/suites/layers.ts', title: "a producer's score: state first, then the producer, then its observer" },
  },
  {
    suite: 'WebRtcTransport',
    test: 'WebRtcTransport events succeed',
    reason: INJECTS,
    instead: { file: 'client-sdk/src/conformance/suites/web-rtc.ts', title: 'connects: states in order, each set before it is told, the entity before its observer' },
  },
];
