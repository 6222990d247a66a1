import os from 'node:os';
import path from 'node:path';

/** Where base archives, image archives and the store of images are kept for all checkouts of one user. */
export function imageCache(env = process.env) {
  const base = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(env.HOME || os.homedir(), '.cache');
  return path.join(base, 'mediacluster', 'images');
}
