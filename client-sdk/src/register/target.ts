import { ConfigError } from '../errors.ts';

/** Where the environment says the media nodes are. */
export type Target =
  | { readonly by: 'urls'; readonly urls: readonly string[] }
  | { readonly by: 'name'; readonly name: string; readonly namespace?: string };

/** As `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `MEDIACLUSTER_URL` (one address, or several with commas between) or `MEDIACLUSTER_NAME` (and `MEDIACLUSTER_NAMESPACE`). Pure.
 *
 * @throws ConfigError that names the variable
 */
export function readTarget({ MEDIACLUSTER_URL: url, MEDIACLUSTER_NAME: name, MEDIACLUSTER_NAMESPACE: namespace }: Environment): Target {
  if (url && name) throw new ConfigError('MEDIACLUSTER_URL and MEDIACLUSTER_NAME are both set: keep the one that names your media nodes');
  if (name) return { by: 'name', name, ...(namespace ? { namespace } : {}) };
  if (!url) {
    throw new ConfigError('neither MEDIACLUSTER_URL nor MEDIACLUSTER_NAME is set: give the address of a media node (ws://host:port), or in Kubernetes the name of a MediaCluster');
  }
  const urls = url.split(',').map(one => one.trim()).filter(one => one !== '');
  for (const one of urls) if (!/^wss?:\/\/[^/]/.test(one)) throw new ConfigError(`MEDIACLUSTER_URL has ${JSON.stringify(one)}: an address is ws://host:port or wss://host:port`);
  return { by: 'urls', urls };
}
