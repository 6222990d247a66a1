// Answers `mediasoup/ortc`.
import type { Mediasoup } from '../manager.ts';
import { mediasoupOfThisProcess } from './slot.ts';

type Ortc = Mediasoup['ortc'];
const ortc: Ortc = mediasoupOfThisProcess().ortc;

export const validateAndNormalizeRtpCapabilities: Ortc['validateAndNormalizeRtpCapabilities'] = ortc.validateAndNormalizeRtpCapabilities;
export const validateAndNormalizeRtpParameters: Ortc['validateAndNormalizeRtpParameters'] = ortc.validateAndNormalizeRtpParameters;
export const validateAndNormalizeSctpStreamParameters: Ortc['validateAndNormalizeSctpStreamParameters'] = ortc.validateAndNormalizeSctpStreamParameters;
export const generateRouterRtpCapabilities: Ortc['generateRouterRtpCapabilities'] = ortc.generateRouterRtpCapabilities;
export const getProducerRtpParametersMapping: Ortc['getProducerRtpParametersMapping'] = ortc.getProducerRtpParametersMapping;
export const getConsumableRtpParameters: Ortc['getConsumableRtpParameters'] = ortc.getConsumableRtpParameters;
export const canConsume: Ortc['canConsume'] = ortc.canConsume;
export const getConsumerRtpParameters: Ortc['getConsumerRtpParameters'] = ortc.getConsumerRtpParameters;
export const getPipeConsumerRtpParameters: Ortc['getPipeConsumerRtpParameters'] = ortc.getPipeConsumerRtpParameters;
export const serializeRtpMapping: Ortc['serializeRtpMapping'] = ortc.serializeRtpMapping;
export default ortc;
export { ortc as 'module.exports' };
