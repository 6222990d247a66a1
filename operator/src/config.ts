import { parseArgs } from 'node:util';

import { ConfigError } from './errors.ts';
import { OPTIONS, defaultOf, environmentName } from './options.ts';

/** What the operator is told at its start; defaults and meaning stand in `OPTIONS` (options.ts). */
export interface Config {
  /** `undefined`: all namespaces. */
  readonly watchNamespace: string | undefined;
  readonly nodeImage: string;
  /** `undefined`: the operator keeps none, and who wants media nodes to know ServiceAccounts binds them otherwise. */
  readonly tokenReviewersBinding: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly podName: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

type OptionName = keyof typeof OPTIONS.shape;

/**
 * Reads flags, then environment, then defaults.
 *
 * @returns `'help'` when `--help` was among the flags
 * @throws ConfigError that names every wrong option, where it came from and what it may be
 */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config | 'help' {
  const flags = parseFlags(argv);
  if (flags['help'] === true) return 'help';
  const names = Object.keys(OPTIONS.shape) as OptionName[];
  const parsed = OPTIONS.safeParse(Object.fromEntries(names.map(name => [name, flags[name] ?? env[environmentName(name)]])));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: [name], message }) => `${flags[String(name)] === undefined ? environmentName(String(name)) : `--${String(name)}`} ${message}`);
    throw new ConfigError(`${problems.join('; ')}. See --help`);
  }
  const given = parsed.data;
  return {
    watchNamespace: given['watch-namespace'],
    nodeImage: given['node-image'],
    tokenReviewersBinding: given['token-reviewers-binding'],
    host: given.host,
    port: given.port,
    workers: given.workers,
    podName: given['pod-name'],
    logLevel: given['log-level'],
  };
}

/** The text of `--help`. */
export function helpText(): string {
  const rows = Object.entries(OPTIONS.shape).map(([name, schema]) => ({ name, meaning: schema.description ?? '', usual: defaultOf(schema) }));
  const width = Math.max(...rows.map(({ name }) => name.length)) + '  --… '.length + 2;
  return [
    'mediacluster-operator makes pods of media nodes match the MediaCluster resources of a Kubernetes cluster.',
    '',
    'Each option may be a flag or an environment variable; the flag wins. The cluster is that of the pod, or of KUBECONFIG.',
    '',
    ...rows.flatMap(({ name, meaning, usual }) => [`${`  --${name} …`.padEnd(width)}${meaning}${usual === undefined ? '' : ` [${usual}]`}`, `${' '.repeat(width)}${environmentName(name)}`]),
    `${'  --help'.padEnd(width)}this text`,
    '',
  ].join('\n');
}

function parseFlags(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const named = Object.keys(OPTIONS.shape).map(name => [name, { type: 'string' }] as const);
  try {
    return parseArgs({ args: [...argv], options: { ...Object.fromEntries(named), help: { type: 'boolean' } }, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}. See --help`);
  }
}
