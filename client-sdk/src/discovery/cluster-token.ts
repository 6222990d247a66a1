import { readFile } from 'node:fs/promises';

import { ConfigError } from '../errors.ts';

/** Where a pod mounts the token that Kubernetes makes for its ServiceAccount and the audience `mediacluster`. */
const PROJECTED_TOKEN_FILE = '/var/run/secrets/mediacluster/token';

/** What the token is looked for in. */
export interface TokenPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly projectedFile?: string;
}

/**
 * The token that lets an app in, from where a pod has it: `MEDIACLUSTER_TOKEN`; the file that `MEDIACLUSTER_TOKEN_FILE` names; the pod's
 * own ServiceAccount. `undefined` where there is none. Ask at every attempt to connect: files are read anew, since Kubernetes renews them.
 *
 * @throws ConfigError when the file that was named cannot be read
 */
export async function clusterToken({ env, projectedFile = PROJECTED_TOKEN_FILE }: TokenPlace): Promise<string | undefined> {
  const { MEDIACLUSTER_TOKEN: token, MEDIACLUSTER_TOKEN_FILE: named } = env;
  if (token?.trim()) return token.trim();
  if (named) return await tokenIn(named);
  try {
    return (await readFile(projectedFile, 'utf8')).trim() || undefined;
  } catch {
    return undefined; // most pods have none; a node that asks for a token says so
  }
}

async function tokenIn(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`MEDIACLUSTER_TOKEN_FILE names ${file}, which cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (text.trim() === '') throw new ConfigError(`MEDIACLUSTER_TOKEN_FILE names ${file}, which is empty: it must hold a token`);
  return text.trim();
}
