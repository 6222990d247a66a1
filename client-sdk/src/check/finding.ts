/** The rules, by the names under which findings are listed. */
export type RuleName = 'died-ends-app' | 'workers-per-cpu' | 'fixed-address' | 'not-awaited' | 'local-file' | 'local-pid' | 'internals';

/** Something in an app's source that hurts when its media is remote. */
export interface Finding {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly rule: RuleName;
  readonly what: string;
  readonly remedy: string;
}
