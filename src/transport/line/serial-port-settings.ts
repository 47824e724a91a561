/** How a port is set, as on every serial line. */
export interface SerialPortSettings {
  /** The device: `/dev/serial/by-id/…`, `/dev/ttyUSB0`, `COM3`; or where its octets are to be had: `tcp://host:port`. */
  readonly path: string;
  /** Bits a second. */
  readonly baudRate: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: 'none' | 'even' | 'odd' | 'mark' | 'space';
  readonly stopBits: 1 | 1.5 | 2;
  /** Hardware flow control: the peer says when it can take more. */
  readonly rtscts: boolean;
}

/** What the line carries: one octet takes a start bit, data bits, parity bit and stop bits. */
export function octetsPerSecond({ baudRate, dataBits, parity, stopBits }: SerialPortSettings): number {
  return baudRate / (1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits);
}

/** `/dev/ttyUSB0 at 115200 baud, 8N1`; behind TCP that is what the line is said to be, for it is set at its other end. */
export function describePort({ path, baudRate, dataBits, parity, stopBits, rtscts }: SerialPortSettings): string {
  return `${path} at ${baudRate} baud, ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}${rtscts ? ', RTS/CTS' : ''}`;
}
