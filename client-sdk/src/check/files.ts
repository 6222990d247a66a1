import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = /\.[cm]?[jt]sx?$/;
const NOT_SOURCE = /\.d\.[cm]?ts$/;
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'build', 'coverage']);

/**
 * The source files among these paths and below them, in alphabetical order. Hidden folders, installed packages and build results are
 * passed over, unless named themselves.
 *
 * @throws an error of `node:fs` (`ENOENT`) for a path that is not there
 */
export function sourceFiles(paths: readonly string[]): string[] {
  return paths.flatMap(path => (statSync(path).isDirectory() ? below(path) : [path])).toSorted();
}

function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith('.') || SKIPPED_FOLDERS.has(entry.name) ? [] : below(path);
    return SOURCE.test(entry.name) && !NOT_SOURCE.test(entry.name) ? [path] : [];
  });
}
