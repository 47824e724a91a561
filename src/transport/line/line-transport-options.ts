import type { Observer } from '../../ports/observer.ts';
import type { TransportListener } from '../../ports/transport.ts';
import type { PortOpener } from './serial-port.ts';

/** What every transport over a serial port is made with. */
export interface LineTransportOptions {
  /** First part of each link; without a colon. */
  readonly name: string;
  /** T_retry towards the clients of this transport, in milliseconds; undefined: that of the settings. */
  readonly retryInterval: number | undefined;
  /** Addresses from which encapsulated frames are taken (F-8); undefined: any. */
  readonly forwarders: readonly string[] | undefined;
  /** ADVERTISE goes out here. */
  readonly advertise: boolean;
  readonly listener: TransportListener;
  readonly observer: Observer;
  /** Where ports come from; the operating system unless a test says otherwise. */
  readonly opener?: PortOpener;
}
