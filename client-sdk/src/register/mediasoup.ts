// What the app's own `import … from 'mediasoup'` and `require('mediasoup')` are answered with.
import type { Mediasoup } from '../manager.ts';
import { mediasoupOfThisProcess } from './slot.ts';

const mediasoup: Mediasoup = mediasoupOfThisProcess();

export const errors: Mediasoup['errors'] = mediasoup.errors;
export const extras: Mediasoup['extras'] = mediasoup.extras;
export const ortc: Mediasoup['ortc'] = mediasoup.ortc;
export const version: Mediasoup['version'] = mediasoup.version;
export const workerBin: Mediasoup['workerBin'] = mediasoup.workerBin;
export const observer: Mediasoup['observer'] = mediasoup.observer;
export const createWorker: Mediasoup['createWorker'] = mediasoup.createWorker;
export const getSupportedRtpCapabilities: Mediasoup['getSupportedRtpCapabilities'] = mediasoup.getSupportedRtpCapabilities;
export const parseScalabilityMode: Mediasoup['parseScalabilityMode'] = mediasoup.parseScalabilityMode;
export const setLogEventListeners: Mediasoup['setLogEventListeners'] = mediasoup.setLogEventListeners;
export default mediasoup;
// By this name `require()` finds what it is to return, instead of the module's namespace.
export { mediasoup as 'module.exports' };
