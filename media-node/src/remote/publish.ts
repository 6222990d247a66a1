import { encodeRich } from '@mediacluster/rope';
import { classes } from '@mediacluster/rope/contract';
import type { ClassName, ClassSpec, EventSpec, ObjectId, ObjectRecord, SharedAppData } from '@mediacluster/rope/contract';
import type { SessionObject, SessionObjects } from '@mediacluster/rope/server';

import { namesOf } from './names.ts';

/** What every object of mediasoup has that this file needs. */
interface Entity {
  readonly closed: boolean;
  close(): void;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  readonly observer: {
    on(event: string, listener: (...args: unknown[]) => void): unknown;
    once(event: 'close', listener: () => void): unknown;
  };
}

/** What is known of an object besides mediasoup's own getters. */
export interface Published {
  /** Absent for a worker. */
  readonly parent?: ObjectId;
  /** What the app shares with others of its `appData`. */
  readonly appData?: SharedAppData | undefined;
  /** State that mediasoup has no getter for. */
  readonly given?: Readonly<Record<string, unknown>>;
}

/** Heard by an object that a closing parent takes along: the client knows the cascade, so only its top is told. */
const CASCADES = { worker: 'workerclose', router: 'routerclose', transport: 'transportclose' } as const;

const PAUSED = ['paused'] as const;

/** What a class stands below. */
const PARENTS: Readonly<Partial<Record<ClassName, keyof typeof CASCADES>>> = {
  webRtcServer: 'worker', router: 'worker', producer: 'transport', consumer: 'transport', dataProducer: 'transport', dataConsumer: 'transport',
};

/** What is listened to on each object of a class, looked up once. */
interface Listening {
  readonly spec: ClassSpec;
  readonly cascade: string | undefined;
  readonly events: readonly (readonly [string, EventSpec])[];
  readonly canPause: boolean;
}

const listenings: ReadonlyMap<ClassName, Listening> = new Map(Object.entries<ClassSpec>(classes).map(([name, spec]) => {
  const type = name as ClassName;
  return [type, {
    spec,
    cascade: type === 'worker' ? undefined : CASCADES[PARENTS[type] ?? 'router'],
    events: Object.entries(spec.events),
    canPause: spec.state.includes('paused'),
  }];
}));

/**
 * Makes an object of mediasoup's one that the session sees: its record now, its events and its end later. To be called in the
 * run in which mediasoup's promise resolved: mediasoup emits the worker's events in later macrotasks, so none is missed.
 */
export function publish<State extends object>(objects: SessionObjects, type: ClassName, object: object, about: Published): ObjectRecord<State> {
  const entity = object as Entity;
  const { spec, cascade, events, canPause } = listenings.get(type)!;
  const record = enter(objects, type, entity, about);
  let cascading = false;
  let ending: { event: string; args: unknown[] } | undefined;
  if (cascade) entity.on(cascade, () => { cascading = true; });
  for (const event of spec.endings) entity.on(event, (...args) => { ending = { event, args: args.map(sendable) }; });
  for (const [event, { reads, observer, names, rich, media }] of events) {
    (observer === 'only' ? entity.observer : entity).on(event, (...args) => {
      // What a closed object still says (a worker's `subprocessclose`) is part of its end, which the client knows.
      if (entity.closed) return;
      const told = names ? namesOf(args, producer => objects.idOf(producer)) : rich ? args.map(encodeRich) : args;
      if (told) objects.event(record.object, event, told, reads && read(entity, reads), { media });
    });
  }
  if (canPause) {
    // At the change itself: by the time its call is answered, a second call may have taken it back, and observers hear of both.
    const changed = () => objects.refresh(record.object, PAUSED);
    entity.observer.on('pause', changed);
    entity.observer.on('resume', changed);
  }
  entity.observer.once('close', () => {
    if (!cascading) objects.closed(record.object, ending?.event, ending?.args);
  });
  return record as ObjectRecord<State>;
}

/** An object that is not taken in would be nobody's: it goes down with the refusal. */
function enter(objects: SessionObjects, type: ClassName, entity: Entity, { parent, appData, given }: Published): ObjectRecord {
  const { state }: ClassSpec = classes[type];
  const object: SessionObject = {
    type,
    entity,
    state: keys => Object.assign(read(entity, keys ?? state), given),
    close: () => entity.close(),
    ...(parent !== undefined && { parent }),
    ...(appData && { appData }),
  };
  try {
    return objects.add(object);
  } catch (error) {
    entity.close();
    throw error;
  }
}

/** JSON would make an empty object of an Error. `died` tells one, and it is all that any ending tells. */
function sendable(argument: unknown): unknown {
  const { name, message } = argument as Error;
  return { name, message };
}

function read(entity: object, keys: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of keys) values[key] = (entity as Record<string, unknown>)[key];
  return values;
}
