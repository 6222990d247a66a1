import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WorkerError } from './errors.mjs';

/** Where workers are kept for all checkouts of one user. */
export function cacheRoot(env) {
  // The base directory specification asks to ignore a relative XDG_CACHE_HOME.
  const base = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)
    ? env.XDG_CACHE_HOME
    : path.join(env.HOME || os.homedir(), '.cache');
  return path.join(base, 'mediacluster', 'worker');
}

/** What makes a worker another one: `3.27.1-linux-x64-glibc`. Platforms with one libc name none. */
export function cacheKey({ version, platform, arch, libc }) {
  return [version, platform, arch, libc].filter(Boolean).join('-');
}

/** `glibc` or `musl` on Linux, `undefined` elsewhere: a program linked with one does not start on the other. */
export function hostLibc(platform = process.platform) {
  if (platform !== 'linux') return undefined;
  // Without this the report looks up the name of every interface's address, which can take seconds.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** SHA-256 of a file in hex; `undefined` when there is no such file. */
export function sha256OfFile(file) {
  try {
    return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Puts a copy of `from` at `to`; whoever looks sees the old file or the whole new one, never a part. */
export function copyAtomically(from, to) {
  const unfinished = `${to}.${process.pid}.new`;
  fs.mkdirSync(path.dirname(to), { recursive: true });
  try {
    // A copy, not a hard link: damage to one of the two must leave the other to recover from.
    fs.copyFileSync(from, unfinished, fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(unfinished, 0o755);
    fs.renameSync(unfinished, to);
  } finally {
    fs.rmSync(unfinished, { force: true });
  }
}

/** One worker's place in the cache, with the sum it had when it was put there. */
export class CachedWorker {
  constructor(root, key) {
    this.root = root;
    this.key = key;
    this.file = path.join(root, key, 'mediasoup-worker');
    this.lockFile = path.join(root, `${key}.lock`);
    this.workDir = path.join(root, `${key}.work`); // for downloads and builds, which may be interrupted
    this.#sumFile = `${this.file}.sha256`;
  }

  #sumFile;

  /** The sum that was recorded, or `undefined` when nothing was. */
  get recordedSha256() {
    try {
      return /^[0-9a-f]{64}/.exec(fs.readFileSync(this.#sumFile, 'utf8'))?.[0];
    } catch (error) {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  /** Takes a copy of `from` and records its sum, which it returns. Only while the lock is held. */
  store(from) {
    const sha256 = sha256OfFile(from);
    copyAtomically(from, this.file);
    const unfinished = `${this.#sumFile}.${process.pid}.new`;
    fs.writeFileSync(unfinished, `${sha256}  mediasoup-worker\n`); // the format of `sha256sum -c`
    fs.renameSync(unfinished, this.#sumFile);
    return sha256;
  }

  /** Forgets the worker and its sum. Only while the lock is held; safe when there is none. */
  discard() {
    fs.rmSync(path.dirname(this.file), { recursive: true, force: true });
  }

  /** Makes the cache's folder. Throws `WORKER_CACHE_UNWRITABLE`. */
  prepare() {
    try {
      fs.mkdirSync(this.root, { recursive: true });
      fs.accessSync(this.root, fs.constants.W_OK);
    } catch (cause) {
      throw new WorkerError('WORKER_CACHE_UNWRITABLE', `the cache folder ${this.root} cannot be written: ${cause.message}`, {
        remedy: 'Name a folder that can:  export XDG_CACHE_HOME=/some/folder',
        cause,
      });
    }
  }
}
