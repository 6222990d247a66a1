import debug from 'debug';

import type { Notification, RopeNotifications } from '../protocol/message.ts';
import type { Replica } from '../state/replica.ts';

const log = debug('mediacluster:rope:client');

/** What the server says that is not about objects. */
export interface NoticeHandlers {
  /** The state at connect has arrived whole. */
  snapshotEnded(): void;
  draining(draining: boolean): void;
  goodbye(reason: string): void;
  /** A notification that is none of the protocol's own. */
  notice(method: string, params: Record<string, unknown>): void;
}

/** Does what a notification of the protocol's own says: changes the replica, or tells its handler. */
export function heed({ method, params }: Notification, replica: Replica, on: NoticeHandlers): void {
  switch (method as keyof RopeNotifications) {
    case 'rope.snapshot': {
      const { objects, last } = params as unknown as RopeNotifications['rope.snapshot'];
      replica.applySnapshot(objects, last);
      if (last) on.snapshotEnded();
      return;
    }
    case 'rope.created':
      return replica.created(params as unknown as RopeNotifications['rope.created']);
    case 'rope.patch': {
      const { object, state, appData, own } = params as unknown as RopeNotifications['rope.patch'];
      return replica.patch(object, state, appData, own);
    }
    case 'rope.event': {
      const { object, event, args, state, data } = params as unknown as RopeNotifications['rope.event'];
      return replica.event(object, event, data ? [data, ...args] : args, state);
    }
    case 'rope.closed': {
      const { object, event, args } = params as unknown as RopeNotifications['rope.closed'];
      return replica.closed(object, event, args);
    }
    case 'rope.draining':
      return on.draining((params as unknown as RopeNotifications['rope.draining']).draining);
    case 'rope.goodbye':
      return on.goodbye((params as unknown as RopeNotifications['rope.goodbye']).reason);
    default:
      if (!method.startsWith('rope.')) return on.notice(method, params);
      log('notification %s is unknown here', method); // a newer server's; not needed to stay in step
  }
}
