import * as mediasoup from 'mediasoup';

import { runUpstreamSuites } from './upstream.ts';

await runUpstreamSuites({ name: 'plain mediasoup', mediasoup, own: true });
