/** What a consumer says when its own pause or its producer's changes. */
export interface PauseChange {
  /** The producer's pause changed: the consumer itself says so. */
  readonly producer?: 'pause' | 'resume';
  /** Whether media flows at all changed: that is what observers hear. */
  readonly observer?: 'pause' | 'resume';
}

/**
 * Pure: compares the two pauses with what they were.
 *
 * @param was the former values; `undefined` for one that is as it was
 */
export function pauseChange(now: { own: boolean; producer: boolean }, was: { own?: unknown; producer?: unknown }): PauseChange {
  const before = Boolean(was.own ?? now.own) || Boolean(was.producer ?? now.producer);
  const after = now.own || now.producer;
  return {
    ...(was.producer === !now.producer && { producer: word(now.producer) }),
    ...(before !== after && { observer: word(after) }),
  };
}

function word(paused: boolean): 'pause' | 'resume' {
  return paused ? 'pause' : 'resume';
}
