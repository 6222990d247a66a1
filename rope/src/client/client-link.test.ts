import { beforeEach, expect, test } from '@jest/globals';

import { ProtocolError } from '../errors.ts';
import { CLOSE, DESTROY } from '../protocol/close-codes.ts';
import type { Transport, TransportHandlers } from '../session/transport.ts';
import { FakeClock } from '../testing/index.ts';
import { ClientLink } from './client-link.ts';
import type { ClientLinkHandlers } from './client-link.ts';

const WELCOME = { welcome: {
  protocol: 1, node: { id: 'n', name: 'n', epoch: '1' }, session: { id: 's', resume: 'new', received: 0, leaseMs: 1_000 }, heartbeatMs: 100_000, limits: { maxMessageBytes: 1_000 },
} };
const DATA = { seq: 1, ack: 0, messages: [{ method: 'rope.draining', params: { draining: true } }] };

let told: unknown[];
let onData: () => void;
let server: TransportHandlers;
let link: ClientLink;

beforeEach(() => {
  told = [];
  const tell = (name: string) => (...args: unknown[]): void => void told.push([name, ...args]);
  const transport: Transport = {
    bufferedBytes: 0, start: handlers => { server = handlers; }, send: () => {}, sendAll: () => {}, pause: () => {}, resume: () => {},
    close: tell('close'), terminate: tell('terminate'),
  };
  const handlers: ClientLinkHandlers = {
    open: tell('open'), hello: () => ({ protocol: [1, 1], client: 'c', scope: 'own' }), welcome: () => tell('welcome')(), rejected: tell('rejected'),
    data: () => { tell('data')(); onData(); }, acknowledged: tell('acknowledged'), beat: tell('beat'), failed: tell('failed'), closed: tell('closed'),
  };
  link = new ClientLink(transport, { clock: new FakeClock(), connectTimeoutMs: 1_000, random: () => 1, handlers });
  server.open!();
  server.text(JSON.stringify(WELCOME));
});

test('what its owner cannot take is the peer\'s failure, told once and answered with a close code', () => {
  const error = new ProtocolError('out of order');
  onData = () => { throw error; };
  server.text(JSON.stringify(DATA));
  expect(told).toEqual([['open'], ['welcome'], ['data'], ['failed', error], ['close', CLOSE.PROTOCOL, '']]);
  server.text(JSON.stringify(DATA));
  link.fail(error);
  expect(told).toHaveLength(5);
});

test('what its owner throws after it has hung up is nobody\'s failure', () => {
  onData = () => {
    link.hangUp();
    throw new ProtocolError('too late');
  };
  server.text(JSON.stringify(DATA));
  expect(told).toEqual([['open'], ['welcome'], ['data'], ['close', CLOSE.NORMAL, DESTROY]]);
});
