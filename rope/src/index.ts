export * from './protocol/message.ts';
