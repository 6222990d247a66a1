import type { Consumer, DataConsumer, DataProducer, DirectTransport, PipeTransport, PlainTransport, Producer, Router, WebRtcTransport, Worker } from 'mediasoup/types';

type AnyTransport = WebRtcTransport | PlainTransport | PipeTransport | DirectTransport;

/** An entry of the registry, as far as a status looks at it. */
export interface StatusEntry {
  readonly object: number;
  readonly type: string;
  readonly parent?: number | undefined;
  readonly entity: unknown;
}

/** A worker in `/status`. */
export interface WorkerStatus {
  readonly pid: number;
  readonly routers: RouterStatus[];
}

export interface RouterStatus {
  readonly id: string;
  readonly transports: TransportStatus[];
}

export interface TransportStatus {
  readonly id: string;
  readonly type: string;
  /** WebRtcTransports only. */
  readonly iceState?: string;
  readonly dtlsState?: string;
  readonly producers: { readonly id: string; readonly kind: string; readonly paused: boolean }[];
  readonly consumers: { readonly id: string; readonly producerId: string; readonly kind: string; readonly paused: boolean }[];
  readonly dataProducers: { readonly id: string }[];
  readonly dataConsumers: { readonly id: string; readonly dataProducerId: string }[];
}

/** Puts the registry's flat list into the tree that mediasoup's users think in. Pure. */
export function treeOf(entries: Iterable<StatusEntry>): WorkerStatus[] {
  const byParent = Map.groupBy(entries, ({ parent }) => parent);
  const below = <T>(parent: number | undefined, ...types: string[]): { object: number; entity: T }[] =>
    (byParent.get(parent) ?? []).filter(({ type }) => types.includes(type)) as { object: number; entity: T }[];

  const transportOf = (object: number, transport: AnyTransport): TransportStatus => ({
    id: transport.id,
    type: transport.type,
    ...('iceState' in transport ? { iceState: transport.iceState, dtlsState: transport.dtlsState } : {}),
    producers: below<Producer>(object, 'producer').map(({ entity: { id, kind, paused } }) => ({ id, kind, paused })),
    consumers: below<Consumer>(object, 'consumer').map(({ entity: { id, producerId, kind, paused } }) => ({ id, producerId, kind, paused })),
    dataProducers: below<DataProducer>(object, 'dataProducer').map(({ entity: { id } }) => ({ id })),
    dataConsumers: below<DataConsumer>(object, 'dataConsumer').map(({ entity: { id, dataProducerId } }) => ({ id, dataProducerId })),
  });

  return below<Worker>(undefined, 'worker').map(({ object, entity }) => ({
    pid: entity.pid,
    routers: below<Router>(object, 'router').map(router => ({
      id: router.entity.id,
      transports: below<AnyTransport>(router.object, 'webRtcTransport', 'plainTransport', 'pipeTransport', 'directTransport')
        .map(transport => transportOf(transport.object, transport.entity)),
    })),
  }));
}
