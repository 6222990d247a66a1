import type { types } from 'mediasoup-client';
import type { Calls, Events } from '../src/protocol.ts';

/** The calls as the page types them. */
export type PageCalls = Calls<{
  routerRtpCapabilities: types.RtpCapabilities;
  rtpCapabilities: types.RtpCapabilities;
  rtpParameters: types.RtpParameters;
  sctpStreamParameters: types.SctpStreamParameters;
}>;

/** What the server may say at any time, and the end of the connection. */
export type Listeners = { [E in keyof Events]: (data: Events[E]) => void } & { closed: (code: number, reason: string) => void };

const ANSWER_WITHIN_MS = 35_000; // a call of ours may wait for a media node that is being connected again (30 s)

/** One WebSocket to the server: asks, and passes on what the server tells. Ends once; a new call needs a new one. */
export class ServerLink {
  #socket: WebSocket;
  #pending = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Resolves when the connection is open; rejects when it can't be opened. */
  static open(url: string, listeners: Listeners): Promise<ServerLink> {
    const socket = new WebSocket(url);
    const link = new ServerLink(socket);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(link));
      socket.addEventListener('message', ({ data }) => link.#heard(JSON.parse(data), listeners));
      socket.addEventListener('close', ({ code, reason }) => {
        reject(new Error('the server does not answer'));
        for (const { reject: fail } of link.#pending.values()) fail(new Error('the connection to the server ended'));
        link.#pending.clear();
        listeners.closed(code, reason);
      });
    });
  }

  ask<M extends keyof PageCalls>(method: M, data: PageCalls[M]['data']): Promise<PageCalls[M]['result']> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('there is no connection to the server'));
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, data }));
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      setTimeout(() => {
        if (this.#pending.delete(id)) reject(new Error(`the server did not answer ${method}`));
      }, ANSWER_WITHIN_MS);
    });
  }

  /** Ends the connection; `closed` is heard. */
  close(): void {
    this.#socket.close();
  }

  #heard(message: { id?: number; result: never; error?: string; event?: keyof Events; data: never }, listeners: Listeners): void {
    if (message.event) return listeners[message.event]?.(message.data);
    const waiting = this.#pending.get(message.id ?? 0);
    this.#pending.delete(message.id ?? 0);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error));
  }
}
