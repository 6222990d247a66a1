import type { EventEmitter } from 'node:events';

const OBJECT_EVENTS = [
  'died', 'subprocessclose', 'workerclose', 'routerclose', 'listenserverclose', 'transportclose', 'producerclose', 'dataproducerclose',
  'producerpause', 'producerresume', 'dataproducerpause', 'dataproducerresume', 'score', 'layerschange', 'icestatechange',
  'iceselectedtuplechange', 'dtlsstatechange', 'sctpstatechange', 'videoorientationchange', 'bufferedamountlow', 'sctpsendbufferfull',
];
const OBSERVER_EVENTS = [
  'close', 'pause', 'resume', 'newrouter', 'newwebrtcserver', 'newtransport', 'newproducer', 'newconsumer', 'newdataproducer', 'newdataconsumer',
  'webrtctransporthandled', 'webrtctransportunhandled', 'score', 'icestatechange', 'iceselectedtuplechange', 'dtlsstatechange', 'sctpstatechange', 'layerschange', 'videoorientationchange',
];

interface Observed extends EventEmitter {
  readonly closed: boolean;
  readonly observer: EventEmitter;
}

/** Writes down what objects of mediasoup, real or remote, emit: `c!producerclose` for an object, `c°close` for its observer. */
export class EventLog {
  readonly lines: string[] = [];
  readonly names: Map<unknown, string> = new Map();

  /** From now on. Close-type events are noted with a `?` when the object does not say that it is closed. */
  follow(name: string, object: unknown, ignore: readonly string[] = []): this {
    const { observer } = object as Observed;
    this.names.set(object, name);
    const note = (line: string, event: string, args: unknown[]): void => {
      if (ignore.includes(event)) return;
      const closing = event.endsWith('close') && event !== 'subprocessclose';
      const told = args.map(arg => this.names.get(arg)).filter(Boolean).map(arg => ` ${arg}`).join('');
      this.lines.push(`${line}${told}${closing && !(object as Observed).closed ? '?' : ''}`);
    };
    for (const event of OBJECT_EVENTS) (object as Observed).on(event, (...args: unknown[]) => note(`${name}!${event}`, event, args));
    for (const event of OBSERVER_EVENTS) observer.on(event, (...args: unknown[]) => note(`${name}°${event}`, event, args));
    return this;
  }

  /** The lines since the last time. */
  take(): string[] {
    return this.lines.splice(0);
  }
}
