import { z } from 'zod';

const ENV_PREFIX = 'MEDIACLUSTER_OPERATOR_';

/** Every option, once: flags, environment, `--help` and docs/configuration.md come from this table. */
export const OPTIONS = z.object({
  'watch-namespace': z.string().trim().optional().transform(value => value || undefined).describe('the one namespace whose MediaClusters it looks after; empty for all'),
  'node-image': z.string({ error: 'must name an image' }).trim().min(1, 'must name an image').describe('image of media nodes for MediaClusters that name none; required'),
  'token-reviewers-binding': z.string().trim().optional().transform(value => value || undefined).describe("ClusterRoleBinding that lets media nodes ask Kubernetes whose a token is; the operator keeps its subjects; empty where there is none"),
  'host': z.string().trim().min(1, 'must not be empty').default('0.0.0.0').describe('address of /livez /readyz /metrics'),
  'port': z.coerce.number('must be a number').int('must be a whole number').min(0, 'must be 0 or more').max(65_535, 'must be 65535 or less').default(8080).describe('port of /livez /readyz /metrics; 0 takes a free one'),
  'workers': z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be 1 or more').max(64, 'must be 64 or less').default(4).describe('how many MediaClusters are worked on at once'),
  'pod-name': z.string().trim().min(1, 'must not be empty').default('mediacluster-operator').describe("this operator's name in Events"),
  'log-level': z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be one of trace debug info warn error fatal silent').default('info').describe('least severe lines that are written'),
});

/** `--node-image` is `MEDIACLUSTER_OPERATOR_NODE_IMAGE` too. */
export function environmentName(option: string): string {
  return ENV_PREFIX + option.toUpperCase().replaceAll('-', '_');
}

/** What an option is when nobody says, as text; `undefined` where there is no such value. */
export function defaultOf(schema: z.ZodType): string | undefined {
  const usual = schema.safeParse(undefined);
  return usual.success && usual.data !== undefined ? `${usual.data as string | number}` : undefined;
}
