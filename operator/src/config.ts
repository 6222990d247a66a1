import { parseArgs } from 'node:util';

import { z } from 'zod';

import { ConfigError } from './errors.ts';

/** What the operator is told at its start; defaults and meaning stand in `OPTIONS`. */
export interface Config {
  /** `undefined`: all namespaces. */
  readonly watchNamespace: string | undefined;
  readonly nodeImage: string;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly podName: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

const ENV_PREFIX = 'MEDIACLUSTER_OPERATOR_';


/** Every option, once: flags, environment and `--help` come from this table. */
const options = z.object({
  'watch-namespace': z.string().trim().optional().transform(value => value || undefined).describe('the one namespace whose MediaClusters it looks after; empty for all'),
  'node-image': z.string({ error: 'must name an image' }).trim().min(1, 'must name an image').describe('image of media nodes for MediaClusters that name none; required'),
  'host': z.string().trim().min(1, 'must not be empty').default('0.0.0.0').describe('address of /livez /readyz /metrics'),
  'port': z.coerce.number('must be a number').int('must be a whole number').min(0, 'must be 0 or more').max(65_535, 'must be 65535 or less').default(8080).describe('port of /livez /readyz /metrics; 0 takes a free one'),
  'workers': z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be 1 or more').max(64, 'must be 64 or less').default(4).describe('how many MediaClusters are worked on at once'),
  'pod-name': z.string().trim().min(1, 'must not be empty').default('mediacluster-operator').describe("this operator's name in Events"),
  'log-level': z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be one of trace debug info warn error fatal silent').default('info').describe('least severe lines that are written'),
});

type OptionName = keyof typeof options.shape;

/** `--node-image` is `MEDIACLUSTER_OPERATOR_NODE_IMAGE` too. */
export function environmentName(option: string): string {
  return ENV_PREFIX + option.toUpperCase().replaceAll('-', '_');
}

/**
 * Reads flags, then environment, then defaults.
 *
 * @returns `'help'` when `--help` was among the flags
 * @throws ConfigError that names every wrong option, where it came from and what it may be
 */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config | 'help' {
  const flags = parseFlags(argv);
  if (flags['help'] === true) return 'help';
  const names = Object.keys(options.shape) as OptionName[];
  const parsed = options.safeParse(Object.fromEntries(names.map(name => [name, flags[name] ?? env[environmentName(name)]])));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: [name], message }) => `${flags[String(name)] === undefined ? environmentName(String(name)) : `--${String(name)}`} ${message}`);
    throw new ConfigError(`${problems.join('; ')}. See --help`);
  }
  const given = parsed.data;
  return {
    watchNamespace: given['watch-namespace'],
    nodeImage: given['node-image'],
    host: given.host,
    port: given.port,
    workers: given.workers,
    podName: given['pod-name'],
    logLevel: given['log-level'],
  };
}

/** The text of `--help`. */
export function helpText(): string {
  const rows = Object.entries(options.shape).map(([name, schema]) => ({ name, meaning: schema.description ?? '', usual: defaultOf(schema) }));
  const width = Math.max(...rows.map(({ name }) => name.length)) + '  --… '.length + 2;
  return [
    'mediacluster-operator makes pods of media nodes match the MediaCluster resources of a Kubernetes cluster.',
    '',
    'Each option may be a flag or an environment variable; the flag wins. The cluster is that of the pod, or of KUBECONFIG.',
    '',
    ...rows.flatMap(({ name, meaning, usual }) => [`${`  --${name} …`.padEnd(width)}${meaning}${usual}`, `${' '.repeat(width)}${environmentName(name)}`]),
    `${'  --help'.padEnd(width)}this text`,
    '',
  ].join('\n');
}

function defaultOf(schema: z.ZodType): string {
  const usual = schema.safeParse(undefined);
  return usual.success && usual.data !== undefined ? ` [${usual.data as string | number}]` : '';
}

function parseFlags(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const named = Object.keys(options.shape).map(name => [name, { type: 'string' }] as const);
  try {
    return parseArgs({ args: [...argv], options: { ...Object.fromEntries(named), help: { type: 'boolean' } }, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}. See --help`);
  }
}
