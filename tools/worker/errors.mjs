/**
 * What can keep the worker from being provided. The message says what is wrong, `remedy` says exactly what to do;
 * callers that match on something match on `code`:
 *
 * | code | meaning |
 * |---|---|
 * | `WORKER_PACKAGE_MISSING` | the mediasoup package is not installed |
 * | `WORKER_BIN_UNUSABLE` | MEDIASOUP_WORKER_BIN names nothing that can be run |
 * | `WORKER_CACHE_UNWRITABLE` | the cache folder cannot be written |
 * | `WORKER_BUILD_TOOLS_MISSING` | compilers or libraries for the build are missing and cannot be installed from here |
 * | `WORKER_MESON_MISSING` | no Meson that is new enough, and none could be fetched |
 * | `WORKER_SOURCE_CHANGED` | a line that the build must mend is not in the source exactly once |
 * | `WORKER_BUILD_FAILED` | the compiler or Meson gave up |
 * | `WORKER_NOT_RUNNABLE` | what was built does not run |
 * | `WORKER_USAGE` | `tools/worker.mjs` was called with an option it does not know |
 */
export class WorkerError extends Error {
  constructor(code, message, { remedy, cause } = {}) {
    super(remedy ? `${message}\n${remedy}` : message, { cause });
    this.name = 'WorkerError';
    this.code = code;
    this.remedy = remedy;
  }
}
