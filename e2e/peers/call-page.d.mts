import type { Browser, Page } from 'playwright-core';

export type Mark = 'red' | 'green' | 'blue' | 'yellow';
export const MARKS: Record<Mark, [number, number, number]>;

export interface Person {
  id: string;
  name: string;
  node: string;
}

export interface CallPageStatus {
  state: 'joining' | 'connected' | 'left';
  me: Person | undefined;
  /** `producers`: the ids of what is received, by kind. */
  peers: (Person & { paused: { audio: boolean; video: boolean }; producers: { audio?: string; video?: string } })[];
  chat: { from: string; text: string; mine: boolean }[];
  notices: string[];
  stats: { framesDecoded: number; audioEnergy: number; people: { id: string; framesDecoded: number; audioEnergy: number }[]; connections: string[] };
}

/** What arrived during a window of time. */
export interface MediaReport {
  windowMs: number;
  framesDecoded: number;
  audioEnergy: number;
  /** Where the page's own router lives. */
  node: string | undefined;
  people: {
    name: string;
    node: string;
    framesDecoded: number;
    audioEnergy: number;
    /** How often two samples of this person's picture, taken one after the other, differed. */
    changes: number;
    /** The median of the last sample, red, green, blue. */
    colour: [number, number, number];
  }[];
}

export interface OpenCallOptions {
  name?: string;
  room?: string;
  /** Sends one colour in place of Chromium's fake camera. */
  mark?: Mark;
  /** The mark does not move: for proving that a check can fail. */
  still?: boolean;
  viewport?: { width: number; height: number };
}

export function launchBrowser(options: { executablePath: string; origins?: string[] }): Promise<Browser>;
export function openCall(browser: Browser, url: string, options?: OpenCallOptions): Promise<CallPage>;
export function faultsOf(report: MediaReport, options?: { from?: Record<string, Mark>; windowMs?: number }): string[];

export class CallPage {
  readonly page: Page;
  readonly name: string;
  readonly errors: string[];
  status(): Promise<CallPageStatus>;
  untilConnected(options?: { peers?: number; timeoutMs?: number }): Promise<CallPageStatus>;
  untilMedia(options?: { peers?: number; timeoutMs?: number }): Promise<void>;
  untilMoving(options?: { timeoutMs?: number }): Promise<void>;
  untilQuiet(options?: { timeoutMs?: number }): Promise<void>;
  watch(options?: { windowMs?: number }): Promise<MediaReport>;
  say(text: string): Promise<void>;
  untilChat(text: string, options?: { timeoutMs?: number }): Promise<{ from: string; text: string }>;
  untilNotice(text: string, options?: { timeoutMs?: number }): Promise<string>;
  toggle(what: 'microphone' | 'camera'): Promise<void>;
  close(): Promise<void>;
}
