import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock } from '../clock.ts';
import { asError, KubeError, statusError } from '../errors.ts';
import type { CredentialSource, TlsOptions } from './credentials.ts';

/** One call: what is sent, and how long its answer may take. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: string;
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
  /** Names call and object in messages: `get Pod default/a`. */
  what: string;
  /** The call may be made twice: an unknown outcome can be tried again. */
  repeatable: boolean;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Both pools' limits. A watch holds a connection of its own, so that nothing waits behind it and each dies alone. */
const CALL_CONNECTIONS = 16;
/** As client-go: load balancers forget a silent connection after a minute or more. */
const KEEP_ALIVE_PROBE_MS = 30_000;
/** The API server itself closes idle connections after 90 s; leaving first avoids sending into a closing one. */
const IDLE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Our connections to one API server: a pool for calls and one for watches, kept across calls and made anew when the
 * server's or our own certificate has changed.
 */
export class Transport {
  readonly #source: CredentialSource;
  readonly #clock: Clock;
  readonly #userAgent: string;
  #pools: { fingerprint: string; calls: Dispatcher; watches: Dispatcher } | undefined;
  #retired = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(source: CredentialSource, clock: Clock, userAgent: string) {
    this.#source = source;
    this.#clock = clock;
    this.#userAgent = userAgent;
  }

  /** Makes the call and reads its answer to the end. Rejects with a `KubeError`, or with the reason of `call.signal`. */
  async call(call: Call): Promise<unknown> {
    const limits = this.#limits(call);
    limits.within(call.timeoutMs, `no answer within ${call.timeoutMs} ms`);
    try {
      const response = await this.#send(call, 'calls', limits.signal);
      return parseAnswer(await response.body.text(), call, this.#source.server);
    } catch (error) {
      throw this.#translate(error, call, limits.signal);
    } finally {
      limits.release();
    }
  }

  /**
   * Makes the call and hands out its answer as it comes; `timeoutMs` is for the beginning, `silenceMs` for the gaps between bytes.
   * Ends when the server ends it; throws as `call()` does. The time that the reader takes between two pieces does not count.
   */
  async *stream(call: Call, silenceMs: number): AsyncGenerator<Uint8Array, void, void> {
    const limits = this.#limits(call);
    limits.within(call.timeoutMs, `no answer within ${call.timeoutMs} ms`);
    try {
      const response = await this.#send(call, 'watches', limits.signal);
      limits.within(silenceMs, `not a byte for ${silenceMs} ms`);
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        limits.pause();
        yield chunk;
        limits.within(silenceMs, `not a byte for ${silenceMs} ms`);
      }
    } catch (error) {
      throw this.#translate(error, call, limits.signal);
    } finally {
      limits.release();
    }
  }

  /** Ends every call and connection; calls made afterwards reject with `KUBE_CLOSED`. Safe twice. */
  async close(): Promise<void> {
    this.#closing.abort(new KubeError('KUBE_CLOSED', 'the Kubernetes client is closed'));
    const pools = this.#pools;
    this.#pools = undefined;
    if (pools) this.#retire(pools);
    await Promise.all(this.#retired);
  }

  /** What may end a call: its caller, `close()`, and a deadline that can be set anew. */
  #limits(call: Call): { signal: AbortSignal; within(ms: number, why: string): void; pause(): void; release(): void } {
    // Not AbortSignal.any(): a signal that lives as long as the client would hold on to one made for each call.
    const controller = new AbortController();
    const unlink = [this.#closing.signal, call.signal].map(signal => follow(controller, signal));
    let cancel = nothing;
    return {
      signal: controller.signal,
      within: (ms, why) => {
        cancel();
        cancel = this.#clock.after(ms, () => controller.abort(new KubeError('KUBE_TIMEOUT', `${call.what}: ${why}`, { retryable: call.repeatable })));
      },
      pause: () => cancel(),
      release: () => {
        cancel();
        for (const release of unlink) release();
      },
    };
  }

  async #send(call: Call, pool: 'calls' | 'watches', signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let response = await this.#tryTwice(call, pool, signal);
    if (response.statusCode === 401) {
      // A token that has just been replaced: forget it and ask once more, as client-go does.
      await response.body.dump();
      this.#source.forget();
      response = await this.#request(call, pool, signal);
    }
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const retryAfter = response.headers['retry-after'];
    throw statusError(response.statusCode, await response.body.text(), call.what, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
  }

  /**
   * A connection that was kept may have been closed by the other side, or forgotten by a load balancer, at the moment at which we
   * use it. What only reads is asked once more, as Go does.
   */
  async #tryTwice(call: Call, pool: 'calls' | 'watches', signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#request(call, pool, signal);
    } catch (error) {
      if (call.method !== 'GET' || signal.aborted || !BROKEN.has(codeOf(error))) throw error;
      return await this.#request(call, pool, signal);
    }
  }

  async #request(call: Call, pool: 'calls' | 'watches', signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    signal.throwIfAborted();
    const { headers, tls } = await orAborted(this.#source.get(), signal); // an exec plugin may hang
    const url = new URL(this.#source.server);
    return await this.#poolsFor(tls)[pool].request({
      origin: url.origin,
      path: (url.pathname === '/' ? '' : url.pathname) + call.path,
      method: call.method,
      body: call.body,
      headers: {
        accept: call.accept ?? 'application/json',
        'user-agent': this.#userAgent,
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        ...headers,
      },
      signal,
    });
  }

  #poolsFor(tls: TlsOptions): { calls: Dispatcher; watches: Dispatcher } {
    const fingerprint = fingerprintOf(tls);
    if (this.#pools?.fingerprint === fingerprint) return this.#pools;
    if (this.#pools) this.#retire(this.#pools, 'gently');
    this.#pools = { fingerprint, calls: this.#makePool(tls, CALL_CONNECTIONS), watches: this.#makePool(tls, null) };
    return this.#pools;
  }

  #makePool(tls: TlsOptions, connections: number | null): Dispatcher {
    const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS, timeout: CONNECT_TIMEOUT_MS };
    // undici's own timers are off: ours run on the clock that was handed in. Why HTTP/1.1: README, "Connections".
    const options = { connections, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: IDLE_MS, allowH2: false };
    const { proxyUrl } = this.#source;
    if (proxyUrl) return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connect });
    return new Agent({ ...options, connect });
  }

  #retire(pools: { calls: Dispatcher; watches: Dispatcher }, how?: 'gently'): void {
    for (const pool of [pools.calls, pools.watches]) {
      const end = how === 'gently' ? pool.close() : pool.destroy();
      const kept = end.catch(() => {}).finally(() => this.#retired.delete(kept));
      this.#retired.add(kept);
    }
  }

  #translate(error: unknown, call: Call, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason; // whatever undici made of it
    if (error instanceof KubeError) return error;
    const code = codeOf(error);
    const message = asError(error).message || code;
    const { server } = this.#source;
    if (NEVER_SENT.has(code)) return new KubeError('KUBE_UNREACHABLE', `${call.what}: ${server} cannot be reached: ${message}`, { cause: error, retryable: true });
    if (code.startsWith('ERR_TLS') || code.includes('CERT')) {
      return new KubeError('KUBE_CONFIG', `${call.what}: the certificate of ${server} is not accepted: ${message}`, { cause: error, retryable: true });
    }
    return new KubeError('KUBE_CONNECTION_LOST', `${call.what}: the connection to ${server} broke: ${message}`, { cause: error, retryable: call.repeatable });
  }
}

const nothing = (): void => {};

/** Aborts the controller when the signal is aborted, with its reason. The answer ends that. */
function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  if (!signal) return nothing;
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? '';
}

/** The promise's outcome, or the signal's reason, whichever comes first. */
async function orAborted<V>(promise: Promise<V>, signal: AbortSignal): Promise<V> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function parseAnswer(text: string, call: Call, server: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new KubeError('KUBE_PROTOCOL', `${call.what}: the answer is not JSON but "${text.slice(0, 80)}": is ${server} an API server?`, { cause });
  }
}

const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Short enough to compare with each request, and says nothing of the keys in it. */
function fingerprintOf(tls: TlsOptions): string {
  const hash = createHash('sha256');
  for (const [name, value] of Object.entries(tls).toSorted(([a], [b]) => a < b ? -1 : 1)) {
    hash.update(`\0${name}\0`).update(typeof value === 'boolean' ? String(value) : value as string | Buffer);
  }
  return hash.digest('hex');
}
