/** A client that says exactly what a test wants, and keeps what it hears. */
import type { DataFrame, Frame, HelloFrame, Message, Response, WelcomeFrame, WireError } from '../src/protocol/message.ts';
import { decodeFrame } from '../src/protocol/codec.ts';
import type { Transport, TransportClose } from '../src/session/transport.ts';
import type { MemoryHarness } from './harness.ts';

type Hello = HelloFrame['hello'];

export class RawClient {
  readonly transport: Transport;
  readonly heard: Frame[] = [];
  closed: TransportClose | undefined;
  #last = 0;
  #requests = 0;
  #received: number;

  /** `session` is one to go on with; its numbers go on from `last`. */
  constructor(harness: MemoryHarness, hello: Partial<Hello> | undefined = {}, last = 0) {
    this.transport = harness.network.connect('memory:');
    this.#last = last;
    this.#received = hello.session?.received ?? 0;
    this.transport.start({
      open: () => hello && this.say({ hello: { protocol: [1, 1], client: 'raw', scope: 'own', ...hello } }),
      text: text => {
        const frame = decodeFrame(text);
        this.heard.push(frame);
        if ('messages' in frame) this.#received = frame.seq + frame.messages.length - 1;
      },
      binary: () => {},
      closed: close => { this.closed = close; },
    });
  }

  /** Lets in, and gone through all that is said at once. */
  static async connected(harness: MemoryHarness, hello: Partial<Hello> = {}, last = 0): Promise<RawClient> {
    const client = new RawClient(harness, hello, last);
    await harness.settle();
    return client;
  }

  say(frame: Frame | string): void {
    this.transport.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Says these messages in a data frame, with the right numbers. */
  tell(...messages: Message[]): void {
    this.say({ seq: this.#last + 1, ack: this.#received, messages });
    this.#last += messages.length;
  }

  notify(method: string, params: Record<string, unknown>): void {
    this.tell({ method, params });
  }

  /** Returns the request's id. */
  request(method: string, params: Record<string, unknown> = {}): number {
    this.#requests += 1;
    this.tell({ id: this.#requests, method, params });
    return this.#requests;
  }

  /** Calls, lets everything settle, and returns what came back. */
  async call(harness: MemoryHarness, method: string, params: Record<string, unknown> = {}): Promise<{ result?: unknown; error?: WireError }> {
    const id = this.request(method, params);
    await harness.settle();
    return this.answers().get(id) as { result?: unknown; error?: WireError };
  }

  get last(): number {
    return this.#last;
  }

  get received(): number {
    return this.#received;
  }

  get welcome(): WelcomeFrame['welcome'] | undefined {
    return this.heard.find(frame => 'welcome' in frame)?.welcome;
  }

  get reject(): WireError | undefined {
    return this.heard.find(frame => 'reject' in frame)?.reject;
  }

  get messages(): (Message | null)[] {
    return this.heard.filter((frame): frame is DataFrame => 'messages' in frame).flatMap(({ messages }) => messages);
  }

  /** What was told since the last time, without answers: `rope.` left out of the method's name. */
  takeNews(): unknown[][] {
    const news = this.messages.filter(message => message && 'method' in message).map(message => {
      const { method, params } = message as { method: string; params: Record<string, unknown> };
      return [method.replace('rope.', ''), params];
    });
    this.heard.splice(0, this.heard.length, ...this.heard.filter(frame => 'welcome' in frame));
    return news;
  }

  answers(): Map<number, Response> {
    return new Map(this.messages.filter((message): message is Response => message !== null && !('method' in message)).map(answer => [answer.id, answer]));
  }

  /** Lets time pass in which these clients show that they are there. */
  static async pass(harness: MemoryHarness, ms: number, ...clients: RawClient[]): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      for (const client of clients) client.say({ ping: left });
      await harness.clock.advance(Math.min(left, 1_000));
    }
  }

  /** Gone without a word, as a process that was killed. */
  vanish(): void {
    this.transport.terminate();
  }
}
