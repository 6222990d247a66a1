import type { Suite } from './suite.ts';
import { afterClose, underWay } from './suites/after-close.ts';
import { closing } from './suites/closing.ts';
import { errors } from './suites/errors.ts';
import { appData, identity } from './suites/objects.ts';
import { order } from './suites/order.ts';
import { pausing } from './suites/pausing.ts';
import { precedence } from './suites/precedence.ts';

/** Everything that is asked of a manager, by topic. */
export const suites: readonly Suite[] = [order, pausing, closing, errors, precedence, afterClose, underWay, appData, identity];
