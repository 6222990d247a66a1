import { once } from 'node:events';

import { local } from '@mediacluster/media-node';
import { classes } from '@mediacluster/rope/contract';
import type { ClassName } from '@mediacluster/rope/contract';
import type { Mediasoup } from '@mediacluster/sdk';

import { Stage } from './stage.ts';

/** What real objects look like in a record, to make many of. */
export interface Templates {
  readonly transport: Record<string, unknown>;
  readonly audio: Record<string, unknown>;
  readonly video: Record<string, unknown>;
  readonly heard: Record<string, unknown>;
  readonly seen: Record<string, unknown>;
}

/** Asks a mediasoup of this process for one object of each kind. */
export async function readTemplates(): Promise<Templates> {
  const manager = local();
  await once(manager as never, 'mediasoup');
  const stage = await Stage.build(manager.mediasoup as Mediasoup);
  const { transport, audio, video, heard, seen } = await stage.samples();
  const templates: Templates = {
    transport: read('webRtcTransport', transport), audio: read('producer', audio), video: read('producer', video), heard: read('consumer', heard), seen: read('consumer', seen),
  };
  stage.close();
  return templates;
}

function read(type: ClassName, object: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(Object.fromEntries(classes[type].state.map(key => [key, (object as Record<string, unknown>)[key]])))) as Record<string, unknown>;
}
