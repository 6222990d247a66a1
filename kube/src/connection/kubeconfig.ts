import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { dirname, isAbsolute, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { asError, KubeError } from '../errors.ts';
import type { Credentials, CredentialSource, TlsOptions } from './credentials.ts';

interface Named { name: string }
interface Context extends Named { context: { cluster: string; user: string; namespace?: string } }
interface Cluster extends Named { cluster: { server?: string; 'certificate-authority'?: string; 'proxy-url'?: string; 'insecure-skip-tls-verify'?: boolean } }
interface User extends Named { user: Record<string, unknown> | null }
interface ConfigFile { 'current-context'?: string; clusters?: Cluster[] | null; contexts?: Context[] | null; users?: User[] | null }

const FILE_FIELDS = { cluster: ['certificate-authority'], user: ['client-certificate', 'client-key', 'token-file', 'tokenFile'] } as const;

/**
 * Credentials of a kubeconfig: one file, or several that are merged as kubectl merges them (the first to name a thing wins).
 * Address and namespace are read at once; how to log in (certificates, tokens, exec plugins, OIDC) is the Kubernetes client's
 * business, which is loaded with the first request.
 * @throws KubeError `KUBE_CONFIG` when a file cannot be read, or names a context, cluster or user that it does not hold.
 */
export function fromKubeconfig(paths: readonly string[], wantedContext?: string): CredentialSource {
  const where = paths.join(', ');
  const config = merge(paths.map(path => readConfig(path)));
  const contextName = wantedContext ?? config['current-context'];
  if (!contextName) throw new KubeError('KUBE_CONFIG', `${where} has no current-context: run "kubectl config use-context", or name a context`);
  const context = find(config.contexts, contextName, 'context', where).context;
  const cluster = find(config.clusters, context.cluster, 'cluster', where).cluster;
  const user = find(config.users, context.user, 'user', where).user;
  if (!cluster.server) throw new KubeError('KUBE_CONFIG', `cluster "${context.cluster}" of ${where} has no server`);
  const server = cluster.server.replace(/\/+$/, '');
  const { 'proxy-url': proxyUrl, ...direct } = cluster; // the connections are ours, so the proxy is, too
  if (proxyUrl && !/^(https?|socks5):/.test(proxyUrl)) {
    throw new KubeError('KUBE_CONFIG', `cluster "${context.cluster}" of ${where} has the proxy-url ${proxyUrl}: it may be http, https or socks5`);
  }

  const only = JSON.stringify({
    'current-context': contextName,
    contexts: [{ name: contextName, context }],
    // The Kubernetes client refuses plain http unless told to skip a verification which plain http has not.
    clusters: [{ name: context.cluster, cluster: { ...direct, 'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] === true || server.startsWith('http:') } }],
    users: [{ name: context.user, user }],
  });
  let loaded: Promise<KubeConfig> | undefined;
  let pending: Promise<Credentials> | undefined;

  async function ask(): Promise<Credentials> {
    try {
      return await credentialsOf(await (loaded ??= load(only)));
    } catch (cause) {
      loaded = undefined;
      throw new KubeError('KUBE_CONFIG', `cannot log in as user "${context.user}" of ${where}: ${asError(cause).message}`, { cause, retryable: true });
    }
  }

  return {
    server,
    namespace: context.namespace ?? 'default',
    proxyUrl,
    // One at a time: a hundred requests at once must not start a hundred exec plugins.
    get: () => pending ??= ask().finally(() => { pending = undefined; }),
    forget: () => { loaded = undefined; },
  };
}

async function load(config: string): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(config);
  return kubeConfig;
}

async function credentialsOf(kubeConfig: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = { headers: {} };
  await kubeConfig.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  return { headers, tls: withoutUndefined({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }) as TlsOptions };
}

function readConfig(path: string): ConfigFile {
  let config: unknown;
  try {
    config = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new KubeError('KUBE_CONFIG', `kubeconfig ${path} cannot be read: ${asError(cause).message}`, { cause });
  }
  if (typeof config !== 'object' || config === null) throw new KubeError('KUBE_CONFIG', `kubeconfig ${path} is not a kubeconfig: it holds no object`);
  return absolute(config, dirname(path));
}

/** File names in a kubeconfig are meant from its own folder. */
function absolute(config: ConfigFile, folder: string): ConfigFile {
  for (const { cluster } of config.clusters ?? []) resolveFiles(cluster, FILE_FIELDS.cluster, folder);
  for (const { user } of config.users ?? []) if (user) resolveFiles(user, FILE_FIELDS.user, folder);
  return config;
}

function resolveFiles(holder: object, fields: readonly string[], folder: string): void {
  for (const field of fields) {
    const value: unknown = Reflect.get(holder, field);
    if (typeof value === 'string' && value !== '' && !isAbsolute(value)) Reflect.set(holder, field, join(folder, value));
  }
}

function merge(configs: readonly ConfigFile[]): ConfigFile {
  return {
    'current-context': configs.find(config => config['current-context'])?.['current-context'],
    clusters: configs.flatMap(config => config.clusters ?? []),
    contexts: configs.flatMap(config => config.contexts ?? []),
    users: configs.flatMap(config => config.users ?? []),
  };
}

function find<T extends Named>(list: readonly T[] | null | undefined, name: string, what: string, where: string): T {
  const found = list?.find(entry => entry.name === name);
  if (!found) throw new KubeError('KUBE_CONFIG', `${where} has no ${what} "${name}"; it has ${list?.map(entry => entry.name).join(', ') || 'none'}`);
  return found;
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null)) as Partial<T>;
}
