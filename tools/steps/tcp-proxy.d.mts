export interface TcpProxyOptions {
  /** Added to every round trip, half of it in each direction. Default: 0. */
  readonly roundTripMs?: number;
  /** Added to every round trip besides, at random up to this. Default: 0. */
  readonly jitterMs?: number;
  /** Numbers from 0 to 1. Default: the same ones in every run. */
  readonly random?: () => number;
}

/** A way to a server. */
export interface TcpProxy {
  readonly port: number;
  /** `ws://`, for a server that is reached so. */
  readonly url: string;
  /** How often connections were cut. */
  readonly cuts: number;
  /** Resets what is connected; new connections are let through. */
  cut(): void;
  /** Ends all connections once so many bytes more have passed, in whichever direction; these arrive. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

export function startTcpProxy(to: number | string, options?: TcpProxyOptions): Promise<TcpProxy>;

export function repeatable(seed: number): () => number;
