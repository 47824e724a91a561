import type { Observer } from '../ports/observer.ts';
import type { TransportListener } from '../ports/transport.ts';

/** What every transport is made with. */
export interface TransportOptions {
  /** First part of each link; without a colon. */
  readonly name: string;
  /** T_retry towards the clients of this transport, in milliseconds; undefined: that of the settings. */
  readonly retryInterval?: number | undefined;
  /** Addresses from which encapsulated frames are taken (F-8); undefined: any. */
  readonly forwarders?: readonly string[] | undefined;
  readonly listener: TransportListener;
  readonly observer: Observer;
}
