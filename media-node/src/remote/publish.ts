import { classes } from '@mediacluster/rope/contract';
import type { ClassName, ClassSpec, EventSpec, ObjectId, ObjectRecord } from '@mediacluster/rope/contract';
import type { SessionObjects } from '@mediacluster/rope/server';

/** What every object of mediasoup has that this file needs. */
interface Entity {
  readonly closed: boolean;
  close(): void;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

/** Heard by an object that a closing parent takes along: the client knows the cascade, so only its top is told. */
const CASCADES = ['workerclose', 'routerclose', 'transportclose'] as const;

/**
 * Makes an object of mediasoup's one that the session sees: its record now, its events and its end later. To be called in the
 * run in which mediasoup's promise resolved: mediasoup emits the worker's events in later macrotasks, so none is missed.
 *
 * @param parent absent for a worker
 */
export function publish<State extends object>(objects: SessionObjects, type: ClassName, object: object, parent?: ObjectId): ObjectRecord<State> {
  const entity = object as Entity;
  const spec: ClassSpec = classes[type];
  const record = enter(objects, type, entity, parent);
  let cascading = false;
  let ending: { event: string; args: unknown[] } | undefined;
  for (const event of CASCADES) entity.on(event, () => { cascading = true; });
  for (const event of spec.endings) entity.on(event, (...args) => { ending = { event, args: args.map(sendable) }; });
  for (const [event, { reads }] of Object.entries<EventSpec>(spec.events)) {
    entity.on(event, (...args) => {
      // What a closed object still says (a worker's `subprocessclose`) is part of its end, which the client knows.
      if (entity.closed) return;
      objects.event(record.object, event, args, reads && read(entity, reads));
    });
  }
  entity.observer.once('close', () => {
    if (!cascading) objects.closed(record.object, ending?.event, ending?.args);
  });
  return record as ObjectRecord<State>;
}

/** An object whose parent was closed while it was made would be nobody's: it goes down with the refusal. */
function enter(objects: SessionObjects, type: ClassName, entity: Entity, parent: ObjectId | undefined): ObjectRecord {
  const { state }: ClassSpec = classes[type];
  try {
    return objects.add({ type, ...(parent === undefined ? {} : { parent }), entity, state: () => read(entity, state), close: () => entity.close() });
  } catch (error) {
    entity.close();
    throw error;
  }
}

/** JSON would make an empty object of an Error; its message is all that `died` tells. */
function sendable(argument: unknown): unknown {
  return argument instanceof Error ? { name: argument.name, message: argument.message } : argument;
}

function read(entity: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map(key => [key, (entity as Record<string, unknown>)[key]]));
}
