import { EventEmitter } from 'node:events';

import { RopeClient } from '@mediacluster/rope';
import type { ObjectRecord, ReplicaHost, ReplicaRecord, RopeClientOptions } from '@mediacluster/rope';
import { methods } from '@mediacluster/rope/contract';
import type { LogLine, MethodParams, MethodResult, Methods, NotificationName, RequestName } from '@mediacluster/rope/contract';
import { WebSocket } from 'ws';

/** What a client was told of one of its objects. */
export interface Heard {
  readonly object: number;
  readonly event: string;
  readonly args: readonly unknown[];
  /** The state right then. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** A client without mirrors: what a node says, as it says it. */
export class RawClient implements ReplicaHost {
  /** Events, closes and answers, in the order in which they came. `answer` and `created` are no events of mediasoup's. */
  readonly heard: Heard[] = [];
  readonly logs: LogLine[] = [];
  readonly rope: RopeClient<Methods>;
  readonly #news = new EventEmitter().setMaxListeners(0);

  constructor(url: string, options: Partial<RopeClientOptions<Methods>> = {}) {
    this.rope = new RopeClient<Methods>({
      url, host: this, methods, WebSocket,
      notices: { 'mediasoup.log': line => this.#log(line as unknown as LogLine) },
      ...options,
    });
  }

  /** Resolves when it is connected. */
  async open(): Promise<this> {
    const connected = new Promise(resolve => { this.rope.once('connected', resolve); });
    this.rope.open();
    await connected;
    return this;
  }

  request<Name extends RequestName>(method: Name, params: MethodParams<Name>): Promise<MethodResult<Name>> {
    return this.rope.request(method, params, {
      onResult: result => {
        if (isRecord(result)) this.rope.replica.adopt(result);
        this.#note({ object: 0, event: 'answer', args: [method], state: {} });
        return result;
      },
    }) as Promise<MethodResult<Name>>;
  }

  notify<Name extends NotificationName>(method: Name, params: MethodParams<Name>): void {
    this.rope.notify(method, params);
  }

  /** The first event of that name that the object has told or will tell, and that is as it should be. */
  async told(object: number, event: string, fits: (heard: Heard) => boolean = () => true): Promise<Heard> {
    for (;;) {
      const found = this.heard.find(heard => heard.object === object && heard.event === event && fits(heard));
      if (found) return found;
      await new Promise(resolve => { this.#news.once('news', resolve); });
    }
  }

  /** Resolves when a log line has come that fits. */
  async log(fits: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.logs.find(fits);
      if (found) return found;
      await new Promise(resolve => { this.#news.once('news', resolve); });
    }
  }

  record(object: number): ReplicaRecord {
    return this.rope.replica.get(object) as ReplicaRecord;
  }

  created(record: ReplicaRecord): void {
    this.#tell(record, 'created', [record.type]);
  }

  patched(record: ReplicaRecord, previous: Record<string, unknown>): void {
    this.#tell(record, 'patched', Object.keys(previous));
  }

  event(record: ReplicaRecord, event: string, args: unknown[]): void {
    this.#tell(record, event, args);
  }

  closed(record: ReplicaRecord, event?: string): void {
    this.#tell(record, 'closed', event === undefined ? [] : [event]);
  }

  lost(): void {}

  left(): void {}

  #log(line: LogLine): void {
    this.logs.push(line);
    this.#news.emit('news');
  }

  #tell(record: ReplicaRecord, event: string, args: readonly unknown[]): void {
    this.#note({ object: record.object, event, args, state: { ...record.state } });
  }

  #note(heard: Heard): void {
    this.heard.push(heard);
    this.#news.emit('news');
  }
}

function isRecord(result: unknown): result is ObjectRecord {
  return typeof result === 'object' && result !== null && 'object' in result && 'state' in result;
}
