/**
 * What mediasoup decides in the app's own process, and so does the remote client: pure functions and classes, no worker. This is the
 * SDK's only run-time import of mediasoup. `build.mjs` bundles it into `dist/remote/local-half.js`, so that an app server needs no
 * mediasoup at run time.
 */
export * as errors from 'mediasoup/errors';
export * as extras from 'mediasoup/extras';
export * as ortc from 'mediasoup/ortc';
export { NotFoundError, UnsupportedError, WorkerClosedError } from 'mediasoup/errors';
export { EnhancedEventEmitter } from 'mediasoup/extras';
export { parseScalabilityMode } from 'mediasoup';
