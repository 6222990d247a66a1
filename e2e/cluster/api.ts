// Asks the API server, just enough to know when the cluster is ready. Scenarios use kubectl or the packages under test.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { pkiDir } from './pki.ts';

const TIMEOUT_MS = 5_000;

/** GETs a path as the cluster's admin: the body of a 200, anything else throws. */
export async function ask(layout: Layout, path: string): Promise<string> {
  const file = (name: string) => readFileSync(join(pkiDir(layout), name));
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, layout.apiUrl), { ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key'), agent: false, timeout: TIMEOUT_MS }, answer => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => { body += text; });
      answer.on('error', reject).on('end', () => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`${path} answered ${answer.statusCode}: ${body.slice(0, 200)}`))));
    });
    call.on('timeout', () => call.destroy(new Error(`${path} did not answer within ${TIMEOUT_MS / 1000} s`)));
    call.on('error', reject).end();
  });
}

/** What a node says of itself. */
export interface NodeStatus {
  readonly ready: boolean;
  /** Of the Ready condition; a second's precision. */
  readonly heartbeat: string;
  /** Why it is not ready, in its own words. */
  readonly message: string;
}

/** A node's Ready condition, or `undefined` while the node has not registered itself. */
export async function nodeStatus(layout: Layout, node: string): Promise<NodeStatus | undefined> {
  interface Condition { type: string; status: string; lastHeartbeatTime: string; message: string }
  const { status } = JSON.parse(await ask(layout, `/api/v1/nodes/${node}`)) as { status: { conditions?: Condition[] } };
  const condition = status.conditions?.find(({ type }) => type === 'Ready');
  return condition && { ready: condition.status === 'True', heartbeat: condition.lastHeartbeatTime, message: condition.message };
}
