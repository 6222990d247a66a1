import { KubeError } from '../errors.ts';
import type { WatchEvent } from '../object.ts';

/** etcd refuses objects above 1.5 MiB; JSON makes them larger, but not ten times. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const TYPES = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

/**
 * Cuts the bytes of a watch into its events, one to a line. Strict: anything that is not an event throws `KUBE_PROTOCOL`, and a
 * stream that ends within a line throws `KUBE_CONNECTION_LOST`, so that nobody takes a part for the whole.
 */
export class LineParser {
  readonly #what: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #pieces: string[] = [];
  #length = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** The events that these bytes complete. */
  push(bytes: Uint8Array): WatchEvent[] {
    const text = this.#decode(bytes);
    const events: WatchEvent[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#keep(text.slice(from, end));
      const line = this.#pieces.join('');
      this.#pieces = [];
      this.#length = 0;
      if (line.trim() !== '') events.push(parseEvent(line, this.#what));
      from = end + 1;
    }
    if (from < text.length) this.#keep(text.slice(from));
    return events;
  }

  /** The stream has ended. */
  end(): void {
    if (this.#pieces.join('').trim() === '') return;
    throw new KubeError('KUBE_CONNECTION_LOST', `${this.#what}: the stream ended in the middle of a line`, { retryable: true });
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw new KubeError('KUBE_PROTOCOL', `${this.#what}: the stream is not UTF-8`, { cause, retryable: true });
    }
  }

  #keep(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > MAX_LINE_BYTES) throw new KubeError('KUBE_PROTOCOL', `${this.#what}: a line is longer than ${MAX_LINE_BYTES} bytes`, { retryable: true });
  }
}

function parseEvent(line: string, what: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new KubeError('KUBE_PROTOCOL', `${what}: a line is not JSON: "${line.slice(0, 80)}"`, { cause, retryable: true });
  }
  const { type, object } = (event ?? {}) as { type?: unknown; object?: { metadata?: { name?: unknown; resourceVersion?: unknown } } | null };
  const known = typeof type === 'string' && TYPES.has(type) && typeof object === 'object' && object !== null;
  const whole = known && (type === 'ERROR' || (typeof object.metadata?.resourceVersion === 'string' && (type === 'BOOKMARK' || typeof object.metadata.name === 'string')));
  if (!whole) throw new KubeError('KUBE_PROTOCOL', `${what}: not an event: "${line.slice(0, 80)}"`, { retryable: true });
  return event as WatchEvent;
}
