import createDebug from 'debug';

/** The room's log. */
export const log: createDebug.Debugger = createDebug('mediacluster:horizontal');

/** As mediasoup does for its objects: a listener that throws is logged, and harms nobody else. */
export function logListenerErrors(emitter: { on(event: 'listenererror', listener: (event: string, error: Error) => void): unknown }, name: string): void {
  emitter.on('listenererror', (event, error) => log('a listener of %s on %s threw: %O', event, name, error));
}
