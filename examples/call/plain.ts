import * as mediasoup from 'mediasoup';
import { runServer } from './src/run.ts';

// The call on mediasoup alone, all its workers on this machine: `node plain.ts`.
await runServer({
  connect: async () => ({ mediasoup, announcedAddress: process.env.ANNOUNCED_ADDRESS || '127.0.0.1' }),
});
