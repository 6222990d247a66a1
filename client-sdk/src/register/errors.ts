// Answers `mediasoup/errors`.
import type { Mediasoup } from '../manager.ts';
import { mediasoupOfThisProcess } from './slot.ts';

const errors: Mediasoup['errors'] = mediasoupOfThisProcess().errors;

export const NotFoundError: Mediasoup['errors']['NotFoundError'] = errors.NotFoundError;
export const UnsupportedError: Mediasoup['errors']['UnsupportedError'] = errors.UnsupportedError;
export const WorkerClosedError: Mediasoup['errors']['WorkerClosedError'] = errors.WorkerClosedError;
export default errors;
export { errors as 'module.exports' };
