// An app that makes a worker, tells its pid, and waits to be killed.
import { once } from 'node:events';

import { RemoteMediasoupClient } from '@mediacluster/sdk';

const client = new RemoteMediasoupClient(process.argv[2]);
const [mediasoup] = await once(client, 'mediasoup');
const worker = await mediasoup.createWorker();
await worker.createRouter();
process.send(worker.pid);
