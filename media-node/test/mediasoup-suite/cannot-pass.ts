/** A test of mediasoup's own that cannot pass over a remote one. */
export interface CannotPass {
  readonly suite: string;
  readonly test: string;
  readonly reason: string;
  /** The test of ours that covers the same ground: its file, from the repository's root, and its title. */
  readonly instead: { readonly file: string; readonly title: string };
}

/** What cannot pass where mediasoup's objects are mirrors. At most four. */
export const CANNOT_PASS_REMOTE: readonly CannotPass[] = [];
