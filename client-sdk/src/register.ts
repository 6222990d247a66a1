/**
 * `node --import @mediacluster/sdk/register server.js`: connects as the environment says, then answers the app's own `import` or
 * `require` of `mediasoup` with the remote one. The app's first line runs when the first media node has answered.
 */
import { registerHooks } from 'node:module';

import createDebug from 'debug';

import { MediaCluster } from './media-cluster.ts';
import { fill } from './register/slot.ts';
import { readTarget } from './register/target.ts';
import type { Environment, Target } from './register/target.ts';

const log = createDebug('mediacluster:register');

/** mediasoup's entry points, each with the module that stands in for it. Nothing else of mediasoup can be imported. */
const STAND_INS: Readonly<Record<string, string>> = {
  mediasoup: './register/mediasoup.js',
  'mediasoup/errors': './register/errors.js',
  'mediasoup/extras': './register/extras.js',
  'mediasoup/ortc': './register/ortc.js',
  'mediasoup/types': './register/types.js',
};

const cluster = await clusterOf(readTarget(process.env), process.env);
const { mediasoup } = await cluster.connect();
log('mediasoup %s of %d node(s) takes the place of the local one', mediasoup.version, cluster.size);
fill(mediasoup);

registerHooks({
  resolve(specifier, context, nextResolve) {
    const standIn = Object.hasOwn(STAND_INS, specifier) ? STAND_INS[specifier] : undefined;
    return standIn === undefined ? nextResolve(specifier, context) : { url: new URL(standIn, import.meta.url).href, format: 'module', shortCircuit: true };
  },
});

/** The cluster that the environment names, not yet connected. What Kubernetes needs is loaded only when it is asked for. */
async function clusterOf(target: Target, { MEDIACLUSTER_TOKEN: token }: Environment): Promise<MediaCluster> {
  const client = token ? { token } : {};
  if (target.by === 'urls') return new MediaCluster({ urls: target.urls, client });
  const kubernetes = await import('./kubernetes.ts');
  const { name, namespace } = target;
  return new kubernetes.MediaCluster({ name, namespace, client });
}
