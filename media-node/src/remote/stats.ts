import type { Handlers, statsMethods } from '@mediacluster/rope/contract';

import type { NodeContext } from './node-host.ts';

export const statsHandlers: Handlers<typeof statsMethods, NodeContext> = {
  'node.getStats': (_params, { host }) => host.getStats(),
};
