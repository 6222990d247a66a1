import type { Candidate, Picker } from './picker.ts';

/** The candidate with the fewest workers; among equals the first, so that equal nodes fill in turn. */
export const spread: Picker = <C extends Candidate>(candidates: readonly C[]): C | undefined => {
  let emptiest: C | undefined;
  for (const candidate of candidates) {
    if (!candidate.cordoned && (!emptiest || candidate.workers < emptiest.workers)) emptiest = candidate;
  }
  return emptiest;
};
