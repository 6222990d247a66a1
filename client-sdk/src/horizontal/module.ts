import type { Observer, ObserverEvents } from 'mediasoup/types';

import type { Mediasoup, MediasoupModule } from '../manager.ts';
import { ObjectEmitter } from '../object-emitter.ts';

/** What a set does for its module-level object. */
export interface ModuleHome {
  readonly createWorker: Mediasoup['createWorker'];
  readonly setLogEventListeners: Mediasoup['setLogEventListeners'];
}

/**
 * The set's object of mediasoup's shape. What a member can do for all is taken from the first one that joined and stays, also when
 * that member has left: it is what the set has promised, and these are pure functions, values and classes.
 *
 * | from the set                                        | from the first member                                                   |
 * | --------------------------------------------------- | ----------------------------------------------------------------------- |
 * | `createWorker`, `observer`, `setLogEventListeners`  | `version`, `workerBin`, `errors`, `ortc`, `extras`, `parseScalabilityMode`, `getSupportedRtpCapabilities` |
 */
export function moduleOf(first: Mediasoup, { createWorker, setLogEventListeners }: ModuleHome): MediasoupModule {
  const observer: Observer = new ObjectEmitter<ObserverEvents>();
  const { version, workerBin, errors, ortc, extras, parseScalabilityMode } = first;
  const capabilities = first.getSupportedRtpCapabilities();
  // A copy at each call, as mediasoup's; asked once, since a member may be unable to answer when it has left.
  const getSupportedRtpCapabilities = (): typeof capabilities => structuredClone(capabilities);
  const module = { version, workerBin, errors, ortc, extras, parseScalabilityMode, getSupportedRtpCapabilities, createWorker, setLogEventListeners, observer };
  // Not listed, as it is not in plain mediasoup's keys.
  return Object.defineProperty(module, 'default', { value: module }) as typeof module & { readonly default: typeof module };
}
