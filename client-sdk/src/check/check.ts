import { readFileSync } from 'node:fs';

import { sourceFiles } from './files.ts';
import { findingsOf } from './rules.ts';

/** What a check tells, line by line, and how it ends. */
export interface CheckResult {
  readonly lines: readonly string[];
  /** 0: nothing found; 1: something found; 2: it could not be done. */
  readonly exitCode: 0 | 1 | 2;
}

/** Reads the source files at and below these paths and lists what hurts an app whose media is remote, as `file:line:column  what`. */
export function check(paths: readonly string[]): CheckResult {
  let files: string[];
  try {
    files = sourceFiles(paths);
  } catch (error) {
    return { lines: [(error as Error).message], exitCode: 2 };
  }
  const lines = files.flatMap(linesOf);
  const count = lines.filter(line => !line.startsWith(' ')).length;
  return { lines: [...lines, `${files.length} files read, ${count} found`], exitCode: count > 0 ? 1 : 0 };
}

function linesOf(file: string): string[] {
  try {
    return findingsOf(readFileSync(file, 'utf8'), file).flatMap(({ line, column, rule, what, remedy }) => [
      `${file}:${line}:${column}  ${what}  [${rule}]`,
      `    ${remedy}`,
    ]);
  } catch (error) {
    return [`${file}  cannot be read: ${(error as Error).message}`];
  }
}
