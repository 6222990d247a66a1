import { MediaCluster, nodeNameOf } from '@mediacluster/sdk';
import { MediaCluster as KubernetesMediaCluster } from '@mediacluster/sdk/kubernetes';
import { runServer } from './src/run.ts';

// The call on media nodes, found in Kubernetes or listed:
//   MEDIACLUSTER_NAME=calls [MEDIACLUSTER_NAMESPACE=…] node main.ts
//   MEDIACLUSTER_URLS=ws://10.0.0.1:4443,ws://10.0.0.2:4443 node main.ts
const { MEDIACLUSTER_NAME: name, MEDIACLUSTER_NAMESPACE: namespace, MEDIACLUSTER_URLS: urls } = process.env;

if (!name && !urls) {
  console.error('Where are the media nodes? Set MEDIACLUSTER_NAME (in Kubernetes), or MEDIACLUSTER_URLS=ws://host:port,…');
  process.exit(1);
}
const cluster = name ? new KubernetesMediaCluster({ name, namespace: namespace || undefined }) : new MediaCluster({ urls: urls?.split(',') });

await runServer({
  connect: async () => {
    const { mediasoup } = await cluster.connect();
    return { mediasoup, whereIs: nodeNameOf };
  },
  destroy: () => cluster.destroy(),
});
