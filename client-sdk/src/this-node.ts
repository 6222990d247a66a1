import { hostname, networkInterfaces } from 'node:os';
import { randomUUID } from 'node:crypto';

import type { NodeInfo } from './manager.ts';

const epoch = randomUUID();

/**
 * This process as a node, for what has no node of its own: its mediasoup runs here. Everything in it has one id, so that pipes between
 * two of its managers take the loopback; `pipeAddress` defaults to the first address of this machine that others may reach.
 */
export function thisNode(mediasoupVersion: string, pipeAddress: string | undefined = firstAddress(networkInterfaces())): NodeInfo {
  return { id: epoch, name: hostname(), epoch, mediasoupVersion, pipeAddress };
}

/** The first address that is not the machine's own loopback, IPv4 before IPv6; `undefined` on a machine without a network. */
export function firstAddress(interfaces: ReturnType<typeof networkInterfaces>): string | undefined {
  const outer = Object.values(interfaces).flatMap(addresses => addresses ?? []).filter(({ internal, scopeid }) => !internal && !scopeid);
  return (outer.find(({ family }) => family === 'IPv4') ?? outer[0])?.address;
}
