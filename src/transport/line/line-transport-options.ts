import type { TransportOptions } from '../transport-options.ts';
import type { PortOpener } from './serial-port.ts';

/** What every transport over a serial port is made with. */
export interface LineTransportOptions extends TransportOptions {
  /** ADVERTISE goes out here. */
  readonly advertise: boolean;
  /** Where ports come from; the operating system unless a test says otherwise. */
  readonly opener?: PortOpener;
}
