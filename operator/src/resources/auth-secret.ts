import type { OwnerReference } from '@mediacluster/kube';

import { childLabels } from './labels.ts';
import { authSecretName } from './names.ts';
import type { Secret } from './objects.ts';

/** The key of the Secret under which the token stands. */
export const TOKEN_KEY = 'token';

/**
 * The Secret that lets an app into the media nodes of a cluster. It is made once and then belongs to the people of its namespace: they
 * may put a token of their own in its place, or delete it for a new one.
 */
export function buildAuthSecret(
  { clusterName, namespace, owner }: { clusterName: string; namespace: string; owner: OwnerReference },
  token: string,
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: authSecretName(clusterName), namespace, labels: childLabels(clusterName), ownerReferences: [owner] },
    type: 'Opaque',
    data: { [TOKEN_KEY]: Buffer.from(token).toString('base64') },
  };
}
