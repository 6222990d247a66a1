/** A running program of ours. */
export interface Program {
  readonly name: string;
  readonly match: RegExpMatchArray;
  readonly pid: number;
  /** How it ended, in words. */
  readonly ended: Promise<string>;
  stop(graceMs?: number): Promise<void>;
}

export function startProgram(options: {
  node: string;
  name: string;
  script: string;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  ready: RegExp;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
}): Promise<Program>;

export function keepRunning(options: {
  start: (before?: Program) => Promise<Program>;
  log: (line: string) => void;
  onGivenUp?: () => void;
}): Promise<{ readonly program: Program; stop(graceMs?: number): Promise<void> }>;
