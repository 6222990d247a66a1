// Answers `mediasoup/types`, which has nothing at run time.
const nothing: Record<string, never> = {};

export { nothing as 'module.exports' };
