import type { AppData, Worker, WorkerSettings } from 'mediasoup/types';

import { NoCapacityError } from '../errors.ts';
import type { Picker } from '../placement/picker.ts';
import { log } from './log.ts';
import type { Member } from './member.ts';

/** The members of a set at any moment. */
export interface Membership {
  members(): readonly Member[];
  has(member: Member): boolean;
}

// The node has no room, or has not even heard the call; or its link broke, and what it may have made is nobody's.
const TRY_NEXT = new Set(['SDK_NO_CAPACITY', 'SDK_NODE_DRAINING', 'ROPE_NOT_CONNECTED', 'ROPE_CONNECTION_LOST', 'ROPE_TIMEOUT']);

/**
 * A worker on the member that `pick` chooses; when that one cannot take it, on the next, each asked once.
 * @throws NoCapacityError that says of each member why it did not take it. Any other error of a member as it came: the call is wrong.
 */
export async function placeWorker<A extends AppData>(
  membership: Membership, pick: Picker, settings: WorkerSettings<A> | undefined,
): Promise<{ member: Member; worker: Worker<A> }> {
  const refused = new Map<Member, string>();
  for (;;) {
    const member = pick(membership.members().filter(candidate => !refused.has(candidate)));
    if (!member) throw noCapacity(membership.members(), refused);
    member.creating += 1;
    try {
      const worker = await member.mediasoup!.createWorker(settings);
      member.claim(worker);
      if (membership.has(member)) return { member, worker };
      worker.close(); // the member was taken out meanwhile, and nobody would ever close it
      refused.set(member, 'has left');
    } catch (error) {
      const code = codeOf(error);
      if (!TRY_NEXT.has(code)) throw error;
      if (code === 'ROPE_CONNECTION_LOST') member.answerLost();
      log('%s did not take a worker: %s', member.name, error);
      refused.set(member, `refused: ${(error as Error).message}`);
    } finally {
      member.creating -= 1;
    }
  }
}

function noCapacity(members: readonly Member[], refused: ReadonlyMap<Member, string>): NoCapacityError {
  const all = new Set([...members, ...refused.keys()]);
  const reasons = [...all].map(member => `${member.name} ${refused.get(member) ?? member.refusal ?? 'was not asked'}`);
  return new NoCapacityError(all.size === 0 ? 'no worker can be placed: the set has no members' : `none of ${all.size} members can take a worker: ${reasons.join('; ')}`);
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code);
}
