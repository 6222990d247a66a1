import type { EventEmitter } from 'node:events';

const OBJECT_EVENTS = [
  'died', 'subprocessclose', 'workerclose', 'routerclose', 'listenserverclose', 'transportclose', 'producerclose', 'dataproducerclose',
  'producerpause', 'producerresume', 'dataproducerpause', 'dataproducerresume', 'score', 'layerschange', 'icestatechange', 'iceselectedtuplechange',
  'dtlsstatechange', 'sctpstatechange', 'tuple', 'rtcptuple', 'videoorientationchange', 'bufferedamountlow', 'sctpsendbufferfull', 'dominantspeaker',
  'volumes', 'silence', 'trace', 'listenererror', 'close',
];
const OBSERVER_EVENTS = [
  'close', 'pause', 'resume', 'newrouter', 'newwebrtcserver', 'newtransport', 'newrtpobserver', 'newproducer', 'newconsumer', 'newdataproducer',
  'newdataconsumer', 'webrtctransporthandled', 'webrtctransportunhandled', 'addproducer', 'removeproducer', 'score', 'layerschange', 'icestatechange',
  'iceselectedtuplechange', 'dtlsstatechange', 'sctpstatechange', 'tuple', 'rtcptuple', 'videoorientationchange', 'dominantspeaker', 'volumes', 'silence', 'trace',
  'listenererror', 'workerclose', 'routerclose', 'transportclose', 'producerclose', 'dataproducerclose',
];

interface Watched {
  readonly closed: boolean;
  readonly observer: EventEmitter;
}

/**
 * Writes down what objects emit: `c!producerclose` for an object, `c°close` for its observer, with the names of objects among the
 * arguments behind it. A close-type event of an object that does not say it is closed has a `?` at its end.
 */
export class Journal {
  readonly #lines: string[] = [];
  readonly #names: Map<unknown, string> = new Map();

  /** Follows each object under its key, from now on. */
  constructor(objects: object = {}) {
    for (const [name, object] of Object.entries(objects)) this.follow(name, object);
  }

  /** Follows one more. */
  follow(name: string, object: unknown): this {
    const { observer } = object as Watched;
    this.#names.set(object, name);
    const note = (line: string, event: string, args: readonly unknown[]): void => {
      const closing = event.endsWith('close') && event !== 'subprocessclose';
      const told = args.map(arg => this.#names.get(arg)).filter(Boolean).map(arg => ` ${arg}`).join('');
      this.#lines.push(`${line}${told}${closing && !(object as Watched).closed ? '?' : ''}`);
    };
    for (const event of OBJECT_EVENTS) (object as EventEmitter).on(event, (...args: unknown[]) => note(`${name}!${event}`, event, args));
    for (const event of OBSERVER_EVENTS) observer.on(event, (...args: unknown[]) => note(`${name}°${event}`, event, args));
    return this;
  }

  /** A line of the case's own, among those of the events. */
  note(line: string): void {
    this.#lines.push(line);
  }

  /** The lines since the last time, in order. */
  take(): string[] {
    return this.#lines.splice(0);
  }
}

/** Brings lines of one object together, objects by name: for events of several objects whose order among each other nobody promises. */
export function byObject(lines: readonly string[]): string[] {
  return Object.entries(Object.groupBy(lines, line => line.split(/[!°]/)[0]!)).toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]) => own!);
}
