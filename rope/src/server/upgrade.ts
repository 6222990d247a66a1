import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { PeerCertificate } from 'node:tls';

import { WebSocketServer } from 'ws';

import { SUBPROTOCOL } from '../protocol/message.ts';
import type { Peer, Transport } from '../session/transport.ts';
import { WebSocketTransport } from '../session/websocket-transport.ts';

/** Around a message of the greatest length there are the frame's own fields. */
const ENVELOPE_BYTES = 1_024;

export interface UpgradeOptions {
  readonly maxMessageBytes: number;
  /** Whether somebody may come in now; else the HTTP request is answered with 503. */
  readonly welcome: () => boolean;
  readonly accept: (transport: Transport) => void;
}

/** Takes the WebSockets of an HTTP server, on every path, that ask for the subprotocol `rope`; for as long as that server lives. */
export function acceptUpgrades(server: Server, { maxMessageBytes, welcome, accept }: UpgradeOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false, // 24 times the memory per connection once a message was compressed (measured)
    maxPayload: maxMessageBytes + ENVELOPE_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!welcome()) return refuse(socket, '503 Service Unavailable', 'this node is leaving');
    if (!asksFor(request, SUBPROTOCOL)) return refuse(socket, '400 Bad Request', `ask for the WebSocket subprotocol "${SUBPROTOCOL}"`);
    sockets.handleUpgrade(request, socket, head, webSocket => accept(new WebSocketTransport(webSocket, socket, peerOf(socket))));
  });
}

/** Who is at the other end, as far as the socket tells. */
function peerOf(socket: Duplex): Peer {
  const address = (socket as Duplex & { remoteAddress?: string }).remoteAddress;
  return { ...(address !== undefined && { address }), ...certificateOf(socket) };
}

function certificateOf(socket: Duplex): Pick<Peer, 'certificate'> {
  if (!(socket instanceof TLSSocket)) return {};
  // Without a certificate it has no fields, whatever its type says.
  const { subject, fingerprint256 } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (fingerprint256 === undefined) return {};
  const name: unknown = subject?.CN;
  return { certificate: { subject: typeof name === 'string' ? name : '', fingerprint256, authorized: socket.authorized } };
}

function asksFor(request: IncomingMessage, protocol: string): boolean {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').some(offered => offered.trim() === protocol);
}

function refuse(socket: Duplex, status: string, text: string): void {
  socket.on('error', () => socket.destroy()); // a peer that is gone already is no concern
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
}
