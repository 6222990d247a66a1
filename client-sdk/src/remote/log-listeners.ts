import type { LogLevels, LogLine } from '@mediacluster/rope/contract';
import type { LogEventListeners } from 'mediasoup/types';

/** What an app has asked for with `setLogEventListeners()`. */
export class LogListeners {
  #listeners: LogEventListeners = {};

  /** Takes the place of what was asked for before. */
  set(listeners: LogEventListeners = {}): void {
    this.#listeners = listeners;
  }

  get levels(): LogLevels {
    const { ondebug, onwarn, onerror } = this.#listeners;
    return { debug: Boolean(ondebug), warn: Boolean(onwarn), error: Boolean(onerror) };
  }

  get any(): boolean {
    return Object.values(this.levels).includes(true);
  }

  /** A listener that throws harms nobody, as with mediasoup. */
  tell({ level, namespace, log, error }: LogLine): void {
    const { ondebug, onwarn, onerror } = this.#listeners;
    try {
      if (level === 'debug') ondebug?.(namespace, log);
      else if (level === 'warn') onwarn?.(namespace, log);
      else onerror?.(namespace, log, error && Object.assign(new Error(error.message), { name: error.name }));
    } catch {
      // mediasoup has nobody either to whom it could tell it: a log line about a log listener would come here again.
    }
  }
}
