// Answers `mediasoup/extras`.
import type { Mediasoup } from '../manager.ts';
import { mediasoupOfThisProcess } from './slot.ts';

const extras: Mediasoup['extras'] = mediasoupOfThisProcess().extras;

export const EnhancedEventEmitter: Mediasoup['extras']['EnhancedEventEmitter'] = extras.EnhancedEventEmitter;
export const enhancedOnce: Mediasoup['extras']['enhancedOnce'] = extras.enhancedOnce;
export default extras;
export { extras as 'module.exports' };
