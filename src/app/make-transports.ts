/** From the settings of the transports to transports. */
import { isDoubtful, messageExtent } from '../codec/message-extent.ts';
import type {
  SerialTransportSettings,
  Settings,
  TransportSettings,
  UdpTransportSettings,
  XBeeTransportSettings,
} from '../config/schema.ts';
import type { Observer } from '../ports/observer.ts';
import type { Transport, TransportListener } from '../ports/transport.ts';
import { makeFraming } from '../transport/framing/make-framing.ts';
import { SerialTransport } from '../transport/serial/serial-transport.ts';
import { UdpTransport } from '../transport/udp/udp-transport.ts';
import { XBeeTransport } from '../transport/xbee/xbee-transport.ts';
import { TrafficMeter } from './traffic-meter.ts';

/** A transport, and where it is heard. */
export interface AddressedTransport {
  /** As the driver has it: what goes out is counted. */
  readonly transport: Transport;
  readonly type: TransportSettings['type'];
  readonly traffic: TrafficMeter;
  /** For people: `UDP`, `serial`, `XBee`. */
  readonly kind: string;
  /** `127.0.0.1:1884`, `/dev/ttyUSB0`. */
  address(): string;
}

type Made = Pick<AddressedTransport, 'transport' | 'kind' | 'address'>;

/** One transport for each entry; the ones without a name are called by their type and, from the second on, by number: udp, udp-2. */
export function makeTransports(
  settings: Settings,
  listener: TransportListener,
  observer: Observer,
): readonly AddressedTransport[] {
  const taken = new Set(settings.transports.map(({ name }) => name));
  return settings.transports.map((entry) => {
    const name = entry.name ?? freeName(entry.type, taken);
    taken.add(name);
    const traffic = new TrafficMeter();
    const { transport, kind, address } = makeOne(name, entry, traffic.listening(listener), observer);
    return { transport: traffic.sending(transport), type: entry.type, traffic, kind, address };
  });
}

function makeOne(name: string, entry: TransportSettings, listener: TransportListener, observer: Observer): Made {
  switch (entry.type) {
    case 'udp':
      return makeUdp(name, entry, listener, observer);
    case 'serial':
      return makeSerial(name, entry, listener, observer);
    case 'xbee':
      return makeXBee(name, entry, listener, observer);
  }
}

function freeName(type: string, taken: ReadonlySet<string | undefined>): string {
  let name = type;
  for (let number = 2; taken.has(name); number++) {
    name = `${type}-${number}`;
  }
  return name;
}

function makeUdp(name: string, entry: UdpTransportSettings, listener: TransportListener, observer: Observer): Made {
  const { host, port, maxFrame, multicast, retryInterval, forwarders } = entry;
  const transport = new UdpTransport({
    name,
    host,
    port,
    maxFrame,
    retryInterval,
    forwarders,
    ...(multicast && { multicast }),
    listener,
    observer,
  });
  const address = (): string => {
    const bound = transport.address();
    if (bound === undefined) {
      return `${host}:${port}`;
    }
    return bound.address.includes(':') ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
  };
  return { transport, kind: 'UDP', address };
}

function makeSerial(
  name: string,
  entry: SerialTransportSettings,
  listener: TransportListener,
  observer: Observer,
): Made {
  const {
    path,
    baudRate,
    dataBits,
    parity,
    stopBits,
    rtscts,
    framing,
    crc,
    maxFrame,
    interFrameGap,
    retryInterval,
    forwarders,
    advertise,
  } = entry;
  const transport = new SerialTransport({
    name,
    port: { path, baudRate, dataBits, parity, stopBits, rtscts },
    framingName: crc === 'none' ? framing : `${framing} with CRC ${crc}`,
    framing: makeFraming({ framing, crc, maxFrame, measure: messageExtent, isDoubtful }),
    ...{ maxFrame, interFrameGap, retryInterval, forwarders, advertise, listener, observer },
  });
  return { transport, kind: 'serial', address: () => path };
}

function makeXBee(name: string, entry: XBeeTransportSettings, listener: TransportListener, observer: Observer): Made {
  const { path, baudRate, rtscts, apiMode, maxFrame, statusTimeout, retryInterval, forwarders, advertise } = entry;
  const transport = new XBeeTransport({
    ...{
      name,
      path,
      baudRate,
      rtscts,
      apiMode,
      maxFrame,
      statusTimeout,
      retryInterval,
      forwarders,
      advertise,
      listener,
      observer,
    },
  });
  return { transport, kind: 'XBee', address: () => path };
}
