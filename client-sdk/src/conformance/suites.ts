import type { Suite } from './suite.ts';
import { afterClose, underWay } from './suites/after-close.ts';
import { closing } from './suites/closing.ts';
import { direct } from './suites/direct.ts';
import { errors } from './suites/errors.ts';
import { layers } from './suites/layers.ts';
import { listeners } from './suites/listeners.ts';
import { mediasoupModule } from './suites/module.ts';
import { appData, identity } from './suites/objects.ts';
import { order } from './suites/order.ts';
import { pausing } from './suites/pausing.ts';
import { pipelined } from './suites/pipelined.ts';
import { pipeToRouter } from './suites/pipe-to-router.ts';
import { plainTransport } from './suites/plain.ts';
import { precedence } from './suites/precedence.ts';
import { rtpObservers } from './suites/rtp-observers.ts';
import { sctp } from './suites/sctp.ts';
import { webRtc } from './suites/web-rtc.ts';

/** Everything that is asked of a manager, by topic. */
export const suites: readonly Suite[] = [order, pausing, closing, errors, precedence, afterClose, underWay, appData, identity, direct, plainTransport, sctp, webRtc, layers, rtpObservers, pipelined, listeners, mediasoupModule, pipeToRouter];
