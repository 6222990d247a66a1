import { WebSocket } from 'ws';

/** What passes through the sockets of this class, seen from the app. */
export interface Watch {
  /** When the last socket was made. */
  madeAtMs: number;
  largestFrame: number;
  /** Called for each ping that this side sends. */
  onPing: () => void;
  last: WebSocket | undefined;
}

/** A class of WebSocket that can be watched. */
export function watchedSocket(): { Socket: typeof WebSocket; watch: Watch } {
  const watch: Watch = { madeAtMs: 0, largestFrame: 0, onPing: () => {}, last: undefined };
  class Watched extends WebSocket {
    constructor(url: string, protocols: string[]) {
      watch.madeAtMs = performance.now();
      super(url, protocols, { perMessageDeflate: false });
      watch.last = this;
      this.on('message', (data: Buffer) => { watch.largestFrame = Math.max(watch.largestFrame, data.length); });
    }

    override send(data: never): void {
      if (typeof data === 'string' && (data as string).startsWith('{"ping"')) watch.onPing();
      super.send(data);
    }
  }
  return { Socket: Watched as unknown as typeof WebSocket, watch };
}
