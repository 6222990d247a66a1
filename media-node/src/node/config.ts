import { hostname, networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import type { Scope } from '@mediacluster/rope';

import { ConfigError } from '../errors.ts';
import { parseScopes } from './scopes.ts';

/** What a media node is told at its start. Units are in the names; defaults and meaning stand in `OPTIONS`. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly nodeName: string;
  readonly nodeId: string;
  readonly announcedAddress: string;
  readonly pipeAddress: string;
  readonly webrtcServer: 'auto' | 'off';
  readonly fixedPorts: boolean;
  readonly rtcPorts?: PortRange;
  readonly pipePorts?: PortRange;
  /** Infinity: as many as are asked for. */
  readonly maxWorkers: number;
  /** Whether clients may name the program that is started as worker. */
  readonly allowWorkerBin: boolean;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly maxMessageBytes: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly auth: AuthConfig;
  /** Absent: ROPE is spoken without TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

/** Who may come in. */
export interface AuthConfig {
  readonly tokenFile?: string;
  /** A secret: never to be written anywhere. */
  readonly token?: string;
  readonly kubernetes: boolean;
  /** `namespace/serviceaccount` or `namespace/*`; empty: the node's own namespace. */
  readonly allow: readonly string[];
  /** What each kind of principal may do, where nothing else is said of it. */
  readonly scopes: Readonly<Record<'token' | 'certificate' | 'serviceaccount', readonly Scope[]>>;
}

export interface PortRange {
  readonly min: number;
  readonly max: number;
}

const ENV_PREFIX = 'MEDIASOUP_SERVER_';
/** The same for nodes and apps: where both run with one environment, they find each other. */
const TOKEN_VARIABLE = 'MEDIACLUSTER_TOKEN';
const MAX_PORT = 65_535;
const OWN: readonly Scope[] = ['own'];

const port = z.coerce.number('must be a number').int('must be a whole number').min(0, 'must be 0 (any free port) or more').max(MAX_PORT, `must be ${MAX_PORT} or less`);
const milliseconds = z.coerce.number('must be a number of milliseconds').int('must be whole milliseconds').positive('must be more than 0');
const text = z.string().trim().min(1, 'must not be empty');
const switched = z.enum(['true', 'false', '1', '0', ''], 'must be true or false').transform(value => value === 'true' || value === '1');
const portRange = z.string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be two ports with a dash, such as 40000-40999')
  .transform(value => { const [min, max] = value.split('-').map(Number) as [number, number]; return { min, max }; })
  .refine(({ min, max }) => min >= 1 && max <= MAX_PORT && min <= max, `must lie between 1 and ${MAX_PORT}, the lower port first`);
const serviceAccounts = z.string()
  .transform(value => value.split(',').map(entry => entry.trim()))
  .refine(list => list.every(entry => /^[a-z0-9-]+\/(?:[a-z0-9.-]+|\*)$/.test(entry)), 'must be ServiceAccounts with a comma between them, such as shop/api,video/*');
const scopesByKind = z.string().transform((value, context) => {
  const scopes: Record<string, readonly Scope[]> = {};
  for (const entry of value.split(',')) {
    const [, kind, list] = /^\s*(token|certificate|serviceaccount)=(\S+)\s*$/.exec(entry) ?? [];
    const parsed = parseScopes(list ?? '');
    if (!kind || !parsed) {
      context.addIssue('must read as token=own+all,serviceaccount=own: kinds are token, certificate and serviceaccount, scopes own, all and observe');
      return z.NEVER;
    }
    scopes[kind] = parsed;
  }
  return scopes;
});

interface Option {
  readonly schema: z.ZodType;
  /** As `--help` shows it. Absent: there is none. */
  readonly default?: string;
  readonly boolean?: true;
  readonly meaning: string;
}

/** Every option, once: flags, environment, `--help` and docs/configuration.md come from this table. */
export const OPTIONS = {
  host: { schema: text, default: '127.0.0.1', meaning: 'address at which apps reach the node over ROPE. Without one of the --auth or --tls-client-ca options everybody who reaches it may use the node' },
  port: { schema: port, default: '4443', meaning: 'port for ROPE; 0 takes a free one' },
  'admin-host': { schema: text, default: 'the value of --host', meaning: 'address of /livez /readyz /metrics /status' },
  'admin-port': { schema: port, default: '9090', meaning: 'port of /livez /readyz /metrics /status; 0 takes a free one' },
  'node-name': { schema: text, default: "the machine's name", meaning: 'the name under which people know this node' },
  'node-id': { schema: text, default: 'the value of --node-name', meaning: 'what stays the same when the node starts anew' },
  'announced-address': { schema: text, default: '127.0.0.1 if --host is loopback, else the first address of the machine', meaning: 'address that peers are told where the app asks for 0.0.0.0 or :: without one' },
  'pipe-address': { schema: text, default: '127.0.0.1 if --host is loopback, else the first address of the machine', meaning: 'address at which pipes from other nodes arrive' },
  'webrtc-server': { schema: z.enum(['auto', 'off'], 'must be auto or off'), default: 'off', meaning: 'auto: each worker gets one UDP and one TCP port for all its WebRtcTransports' },
  'fixed-ports': { schema: switched, default: 'false', boolean: true, meaning: "use the worker's reserved ports even where the app names ports or addresses of its own; needs --webrtc-server auto" },
  'rtc-ports': { schema: portRange, meaning: "ports of the workers' WebRtcServers and of PlainTransports, such as 40000-40099; without it mediasoup takes free ones" },
  'pipe-ports': { schema: portRange, meaning: 'ports of pipes, such as 41000-41999; without it mediasoup takes free ones' },
  'max-workers': { schema: z.coerce.number('must be a number').int('must be a whole number').positive('must be more than 0'), default: 'no limit', meaning: 'one worker more is refused with SDK_NO_CAPACITY' },
  'allow-worker-bin': { schema: switched, default: 'false', boolean: true, meaning: "let apps name the program that is started as worker (workerBin): any program of this machine, with this process's rights" },
  'lease-ms': { schema: milliseconds, default: '30000', meaning: 'how long the objects of an app live on after its connection broke' },
  'heartbeat-ms': { schema: milliseconds, default: '5000', meaning: 'how often each side asks whether the other is there' },
  'max-message-bytes': { schema: z.coerce.number('must be a number of bytes').int().min(65_536, 'must be 65536 or more'), default: '4194304', meaning: 'a larger ROPE message ends its session' },
  'log-level': { schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be one of trace debug info warn error fatal silent'), default: 'info', meaning: 'least severe lines that are written' },
  'auth-token-file': { schema: text, meaning: 'a file of tokens, one of which an app must have; each line is: token [name] [scopes]. Read again when it has changed' },
  'auth-kubernetes': { schema: switched, default: 'false', boolean: true, meaning: 'let in ServiceAccounts of Kubernetes, by tokens made for the audience mediacluster' },
  'auth-allow': { schema: serviceAccounts, default: "those of the node's own namespace", meaning: 'the ServiceAccounts that --auth-kubernetes lets in, such as shop/api,video/*' },
  'auth-scopes': { schema: scopesByKind, default: 'token=own,certificate=own,serviceaccount=own', meaning: 'what each kind of client may ask to see and change: own, all, observe, with a + between them' },
  'tls-cert': { schema: text, meaning: 'certificate chain in PEM: ROPE is spoken over TLS then (wss). This and the next two are read again when they have changed' },
  'tls-key': { schema: text, meaning: 'its private key in PEM' },
  'tls-client-ca': { schema: text, meaning: 'certificates in PEM; an app may come in with a client certificate that one of them has signed' },
} as const satisfies Record<string, Option>;

type OptionName = keyof typeof OPTIONS;

/** `--max-workers` ⇄ `MEDIASOUP_SERVER_MAX_WORKERS`. */
export function environmentName(option: string): string {
  return ENV_PREFIX + option.toUpperCase().replaceAll('-', '_');
}

/**
 * Reads flags, then environment, then defaults.
 *
 * @returns `'help'` when `--help` was among the flags
 * @throws ConfigError that names every wrong option, where it came from and what it may be
 */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, machine: Machine = thisMachine()): Config | 'help' {
  const flags = parseFlags(argv);
  if (flags['help'] === true) return 'help';
  const problems: string[] = [];
  const given = <T>(name: OptionName): T | undefined => {
    const flag = flags[name];
    const raw = flag ?? env[environmentName(name)];
    if (raw === undefined) return undefined;
    const parsed = OPTIONS[name].schema.safeParse(raw === true ? 'true' : raw);
    if (parsed.success) return parsed.data as T;
    const source = flag === undefined ? environmentName(name) : `--${name}`;
    problems.push(`${source} ${parsed.error.issues[0]?.message} (it is ${JSON.stringify(raw)})`);
    return undefined;
  };
  const host = given<string>('host') ?? '127.0.0.1';
  const ownAddress = isLoopback(host) ? '127.0.0.1' : machine.address;
  const nodeName = given<string>('node-name') ?? machine.name;
  const cert = given<string>('tls-cert');
  const key = given<string>('tls-key');
  const clientCa = given<string>('tls-client-ca');
  const allow = given<readonly string[]>('auth-allow');
  const config: Config = {
    host,
    port: given<number>('port') ?? 4443,
    adminHost: given<string>('admin-host') ?? host,
    adminPort: given<number>('admin-port') ?? 9090,
    nodeName,
    nodeId: given<string>('node-id') ?? nodeName,
    announcedAddress: given<string>('announced-address') ?? ownAddress,
    pipeAddress: given<string>('pipe-address') ?? ownAddress,
    webrtcServer: given<'auto' | 'off'>('webrtc-server') ?? 'off',
    fixedPorts: given<boolean>('fixed-ports') ?? false,
    ...optional('rtcPorts', given<PortRange>('rtc-ports')),
    ...optional('pipePorts', given<PortRange>('pipe-ports')),
    maxWorkers: given<number>('max-workers') ?? Number.POSITIVE_INFINITY,
    allowWorkerBin: given<boolean>('allow-worker-bin') ?? false,
    leaseMs: given<number>('lease-ms') ?? 30_000,
    heartbeatMs: given<number>('heartbeat-ms') ?? 5_000,
    maxMessageBytes: given<number>('max-message-bytes') ?? 4_194_304,
    logLevel: given<Config['logLevel']>('log-level') ?? 'info',
    auth: {
      ...optional('tokenFile', given<string>('auth-token-file')),
      ...optional('token', env[TOKEN_VARIABLE]?.trim() || undefined),
      kubernetes: given<boolean>('auth-kubernetes') ?? false,
      allow: allow ?? [],
      scopes: { token: OWN, certificate: OWN, serviceaccount: OWN, ...given<Partial<AuthConfig['scopes']>>('auth-scopes') },
    },
    ...optional('tls', cert !== undefined && key !== undefined ? { cert, key, ...optional('clientCa', clientCa) } : undefined),
  };
  if (config.fixedPorts && config.webrtcServer === 'off') problems.push('--fixed-ports needs --webrtc-server auto: without it no port is reserved');
  if ((cert === undefined) !== (key === undefined)) problems.push('--tls-cert and --tls-key need each other');
  if (clientCa !== undefined && cert === undefined) problems.push('--tls-client-ca needs --tls-cert and --tls-key: certificates are shown over TLS alone');
  if (allow && !config.auth.kubernetes) problems.push('--auth-allow needs --auth-kubernetes');
  if (problems.length > 0) throw new ConfigError(`${problems.join('; ')}. See --help`);
  return config;
}

/** The text of `--help`. */
export function helpText(program: string): string {
  const rows = Object.entries<Option>(OPTIONS).map(([name, { default: value, boolean, meaning }]) => [
    `  --${name}${boolean ? '' : ' …'}`,
    `${meaning}${value === undefined ? '' : ` [${value}]`}`,
    environmentName(name),
  ] as const);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return [
    `${program} serves mediasoup over ROPE.`,
    '',
    'Each option may be a flag or an environment variable; the flag wins.',
    '',
    ...rows.flatMap(([flag, meaning, variable]) => [`${flag.padEnd(width)}${meaning}`, `${' '.repeat(width)}${variable}`]),
    `${'  --help'.padEnd(width)}this text`,
    '',
    `${TOKEN_VARIABLE}, a variable alone, holds one more token that lets an app in.`,
    '',
  ].join('\n');
}

/** What the defaults are taken from. */
export interface Machine {
  readonly name: string;
  /** The first address that is not loopback. */
  readonly address: string;
}

function thisMachine(): Machine {
  return { name: hostname(), address: outerAddress(networkInterfaces()) };
}

/** The first address that others may reach, an IPv4 one where there is any. */
export function outerAddress(interfaces: ReturnType<typeof networkInterfaces>): string {
  const addresses = Object.values(interfaces).flatMap(list => list ?? []).filter(({ internal }) => !internal);
  const first = addresses.find(({ family }) => family === 'IPv4') ?? addresses[0];
  return first?.address ?? '127.0.0.1';
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const options = Object.fromEntries(Object.entries<Option>(OPTIONS).map(([name, { boolean }]) => [name, { type: boolean ? 'boolean' : 'string' } as const]));
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean' } }, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new ConfigError(`${(cause as Error).message.split('\n')[0]} See --help`, { cause });
  }
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
