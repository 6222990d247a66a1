/** What a picker knows of a place for a worker. */
export interface Candidate {
  /** Workers that are there or on their way there. */
  readonly workers: number;
  /** Nothing new goes there. */
  readonly cordoned: boolean;
}

/** Which candidate takes the next worker; `undefined` when none can. Pure: the same candidates give the same answer. */
export type Picker = <C extends Candidate>(candidates: readonly C[]) => C | undefined;
