import type { Router, Worker } from 'mediasoup/types';

import type { ManagerLike, Mediasoup, NodeAbilities, NodeInfo } from '../manager.ts';
import type { Candidate } from '../placement/picker.ts';
import { thisNode } from '../this-node.ts';

/** A worker of a member, and the pid under which the set shows it. */
export interface HandedOut {
  readonly inner: Worker;
  readonly pid: number;
}

/** What a Horizontal does when a member tells something. */
export interface MemberHandlers {
  /** The member has a mediasoup that can be called, for the first time or again. */
  connected(member: Member): void;
  disconnected(member: Member): void;
  error(member: Member, error: unknown): void;
}

type Able = ManagerLike & NodeAbilities & { on?(event: string, listener: (...args: never[]) => void): unknown; off?(event: string, listener: (...args: never[]) => void): unknown };

/**
 * A manager as a member of a set: what it may offer beyond a mediasoup is asked for here and nowhere else.
 *
 *     connecting ─▶ connected ⇄ disconnected        leaving: the node said goodbye, until it is connected again
 */
export class Member implements Candidate {
  readonly manager: ManagerLike;
  /** Its open workers that the set handed out. */
  readonly handedOut: Set<HandedOut> = new Set();
  /** Calls of createWorker() under way. */
  creating = 0;
  /** Held back from outside: discovery says that it is not ready. */
  heldBack = false;
  /** What its link said last, until it is connected. */
  lastError: unknown;
  readonly #able: Able;
  readonly #claimed = new WeakSet<Worker>();
  #unanswered = 0;
  readonly #listeners: Record<string, (...args: never[]) => void>;
  #linked: boolean;
  #leaving = false;

  constructor(manager: ManagerLike, handlers: MemberHandlers) {
    this.manager = manager;
    this.#able = manager;
    this.#linked = manager.mediasoup !== undefined;
    const up = (): void => {
      if (!manager.mediasoup) return;
      this.#linked = true;
      this.#leaving = false;
      this.lastError = undefined;
      handlers.connected(this);
    };
    const down = (): void => {
      this.#linked = false;
      handlers.disconnected(this);
    };
    this.#listeners = {
      mediasoup: (mediasoup?: Mediasoup) => (mediasoup ? up() : down()),
      connected: up,
      disconnected: down,
      lost: down,
      goodbye: () => {
        this.#leaving = true;
        down();
      },
      error: (error: unknown) => {
        this.lastError = error;
        handlers.error(this, error);
      },
    };
    for (const [event, listener] of Object.entries(this.#listeners)) this.#able.on?.(event, listener);
  }

  get mediasoup(): Mediasoup | undefined {
    return this.manager.mediasoup;
  }

  get connected(): boolean {
    return this.mediasoup !== undefined && (this.#able.connected ?? this.#linked);
  }

  /** Why nothing new is placed on it; `undefined` when it may be. */
  get refusal(): string | undefined {
    if (this.#leaving) return 'is leaving';
    if (!this.connected) return this.lastError === undefined ? 'is not connected' : `is not connected (${messageOf(this.lastError)})`;
    if (this.#able.draining) return 'is draining';
    if (this.heldBack) return 'is not ready';
    return undefined;
  }

  get cordoned(): boolean {
    return this.refusal !== undefined;
  }

  get workers(): number {
    return this.handedOut.size + this.creating;
  }

  /** The node as which it appears; a manager without one runs in this process. */
  get node(): NodeInfo | undefined {
    return 'node' in this.#able ? this.#able.node : this.mediasoup && thisNode(this.mediasoup.version);
  }

  get name(): string {
    return this.node?.name ?? 'a member';
  }

  /** The node on which an object of this member lives. */
  nodeOf(object: Worker | Router): NodeInfo | undefined {
    return this.#able.nodeOf ? this.#able.nodeOf(object) : this.node;
  }

  /** A worker that was asked for is there. */
  claim(worker: Worker): void {
    this.#claimed.add(worker);
  }

  /**
   * The answer to a call of createWorker() was lost with the link. The worker may be there all the same and appear when the link is
   * back: nobody would ever close it, so it is closed then.
   */
  answerLost(): void {
    this.#unanswered += 1;
    if (this.#unanswered > 1) return;
    this.mediasoup?.observer.on('newworker', this.#closeUnclaimed);
  }

  readonly #closeUnclaimed = (worker: Worker): void => {
    // By then the call that asked for it, if there is one, has claimed it.
    setImmediate(() => {
      if (this.#unanswered === 0 || this.#claimed.has(worker)) return;
      this.#unanswered -= 1;
      worker.close();
    });
  };

  /** Stops listening to the manager. */
  release(): void {
    this.mediasoup?.observer.off('newworker', this.#closeUnclaimed);
    for (const [event, listener] of Object.entries(this.#listeners)) this.#able.off?.(event, listener);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
