import type { PipeTransportState, PlainTransportState, WebRtcTransportState } from '@mediacluster/rope/contract';
import type { AppData, SctpNegotiatedCapabilities, SctpParameters, SctpState, TransportEvents, TransportObserverEvents } from 'mediasoup/types';

import { clone } from './checks.ts';
import { closeState, setState, state } from './internals.ts';
import { RemoteTransport } from './transport.ts';

type SctpTransportState = WebRtcTransportState | PlainTransportState | PipeTransportState;

/** What the transports with a socket of their own have in common: SCTP. */
export abstract class RemoteSctpTransport<
  Events extends TransportEvents, ObserverEvents extends TransportObserverEvents, State extends SctpTransportState, Data extends AppData,
> extends RemoteTransport<Events, ObserverEvents, State, Data> {
  get sctpParameters(): SctpParameters | undefined {
    return clone(this[state].sctpParameters);
  }

  get sctpState(): SctpState | undefined {
    return this[state].sctpState;
  }

  get sctpNegotiatedCapabilities(): SctpNegotiatedCapabilities | undefined {
    return clone(this[state].sctpNegotiatedCapabilities);
  }

  override [closeState](): void {
    if (this[state].sctpState) this[setState]({ sctpState: 'closed' } as Partial<State>);
  }
}
