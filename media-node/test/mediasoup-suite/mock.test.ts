import { afterAll } from '@jest/globals';
import { RemoteMediasoupClientMock } from '@mediacluster/sdk/mock';

import { runUpstreamSuites } from './upstream.ts';

const mock = new RemoteMediasoupClientMock('ws://nobody.invalid:1');
await new Promise(resolve => { mock.once('connected', () => resolve(undefined)); });
afterAll(() => mock.destroy());

await runUpstreamSuites({ name: 'the client mock', mediasoup: mock.mediasoup!, own: true });
