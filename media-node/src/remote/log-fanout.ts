import type { LogLevels, LogLine } from '@mediacluster/rope/contract';
import type { Mediasoup } from '@mediacluster/sdk';
import type { LogEventListeners } from 'mediasoup/types';

/** Who hears log lines: a session of an app. */
export interface LogHearer {
  notify(method: 'mediasoup.log', line: LogLine): void;
}

/**
 * mediasoup has one set of log listeners in a process; here each session has its own. While no session has asked for a level,
 * mediasoup is given no listener for it, so that its lines cost nothing.
 */
export class LogFanout {
  readonly #mediasoup: Mediasoup;
  readonly #hearers = new Map<LogHearer, LogLevels>();

  constructor(mediasoup: Mediasoup) {
    this.#mediasoup = mediasoup;
  }

  /** From here on the session hears these levels and no others. */
  set(hearer: LogHearer, levels: LogLevels): void {
    if (levels.debug || levels.warn || levels.error) this.#hearers.set(hearer, levels);
    else if (!this.#hearers.delete(hearer)) return;
    this.#listen();
  }

  /** The session has ended. Safe for one that never asked. */
  forget(hearer: LogHearer): void {
    if (this.#hearers.delete(hearer)) this.#listen();
  }

  #listen(): void {
    const asked = (level: keyof LogLevels): boolean => [...this.#hearers.values()].some(levels => levels[level]);
    this.#mediasoup.setLogEventListeners({
      ...(asked('debug') && { ondebug: (namespace, log) => this.#tell({ level: 'debug', namespace, log }) }),
      ...(asked('warn') && { onwarn: (namespace, log) => this.#tell({ level: 'warn', namespace, log }) }),
      ...(asked('error') && { onerror: (namespace, log, error) => this.#tell({ level: 'error', namespace, log, ...(error && { error: { name: error.name, message: error.message } }) }) }),
    } satisfies LogEventListeners);
  }

  #tell(line: LogLine): void {
    for (const [hearer, levels] of this.#hearers) if (levels[line.level]) hearer.notify('mediasoup.log', line);
  }
}
