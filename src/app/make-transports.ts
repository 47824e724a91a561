/** From the settings of the transports to transports. */
import { acknowledgedPublish } from '../codec/acknowledged-publish.ts';
import { isDoubtful, messageExtent } from '../codec/message-extent.ts';
import type { PskKeys } from '../config/psk-file.ts';
import type {
  DtlsTransportSettings,
  ModuleTransportSettings,
  SerialTransportSettings,
  Settings,
  TransportSettings,
  UdpTransportSettings,
  XBeeTransportSettings,
} from '../config/schema.ts';
import { transportNames } from '../config/transport-names.ts';
import type { AssociationKeeper, RestoredAssociation } from '../ports/association-store.ts';
import type { Observer } from '../ports/observer.ts';
import type { Transport, TransportListener } from '../ports/transport.ts';
import { DtlsTransport } from '../transport/dtls/dtls-transport.ts';
import { makeFraming } from '../transport/framing/make-framing.ts';
import { ModuleTransport } from '../transport/module/module-transport.ts';
import { SerialTransport } from '../transport/serial/serial-transport.ts';
import { formatUdpAddress, type UdpAddress } from '../transport/udp/udp-link.ts';
import { UdpTransport } from '../transport/udp/udp-transport.ts';
import { XBeeTransport } from '../transport/xbee/xbee-transport.ts';
import { systemClock } from './system-clock.ts';
import { TrafficMeter } from './traffic-meter.ts';

/** A transport, and where it is heard. */
export interface AddressedTransport {
  /** As the driver has it: what goes out is counted. */
  readonly transport: Transport;
  readonly type: TransportSettings['type'];
  readonly traffic: TrafficMeter;
  /** For people: `UDP`, `DTLS`, `serial`, `XBee`. */
  readonly kind: string;
  /** `127.0.0.1:1884`, `/dev/ttyUSB0`. */
  address(): string;
  /** Other pre-shared keys count from now on; absent: it has none. */
  readonly changeKeys?: (pskKeys: ReadonlyMap<string, PskKeys>) => void;
}

/** Where DTLS associations outlive the process. */
export interface StoredAssociations extends AssociationKeeper {
  /** Those of a transport that have; once. */
  claim(transport: string): readonly RestoredAssociation[];
}

type Made = Pick<AddressedTransport, 'transport' | 'kind' | 'address' | 'changeKeys'>;

/** One transport for each entry. */
export function makeTransports(
  settings: Settings,
  pskKeys: ReadonlyMap<string, PskKeys>,
  listener: TransportListener,
  observer: Observer,
  associations?: StoredAssociations,
): readonly AddressedTransport[] {
  const names = transportNames(settings.transports);
  return settings.transports.map((entry, at) => {
    const name = names[at] ?? entry.type;
    const traffic = new TrafficMeter();
    const made = makeOne(name, entry, pskKeys, traffic.listening(listener), observer, associations);
    return { ...made, transport: traffic.sending(made.transport), type: entry.type, traffic };
  });
}

function makeOne(
  name: string,
  entry: TransportSettings,
  pskKeys: ReadonlyMap<string, PskKeys>,
  listener: TransportListener,
  observer: Observer,
  associations: StoredAssociations | undefined,
): Made {
  switch (entry.type) {
    case 'udp':
      return makeUdp(name, entry, listener, observer);
    case 'dtls':
      return makeDtls(name, entry, pskKeys, listener, observer, associations);
    case 'serial':
      return makeSerial(name, entry, listener, observer);
    case 'xbee':
      return makeXBee(name, entry, listener, observer);
    case 'module':
      return makeOwn(name, entry, listener, observer);
  }
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
  return { transport, kind: 'UDP', address: () => addressText(transport.address(), entry) };
}

function makeDtls(
  name: string,
  entry: DtlsTransportSettings,
  pskKeys: ReadonlyMap<string, PskKeys>,
  listener: TransportListener,
  observer: Observer,
  associations: StoredAssociations | undefined,
): Made {
  const { keys } = entry;
  const keysOf = (all: ReadonlyMap<string, PskKeys>): PskKeys => all.get(keys) ?? new Map();
  const transport = new DtlsTransport({
    ...{ ...entry, name, keys: keysOf(pskKeys), clock: systemClock, listener, observer },
    messageOf: acknowledgedPublish,
    associations: associations && { keeper: associations, restored: associations.claim(name) },
  });
  return {
    transport,
    kind: 'DTLS',
    address: () => addressText(transport.address(), entry),
    changeKeys: (all) => transport.changeKeys(keysOf(all)),
  };
}

/** Where it is heard; where it would be, while it is not. */
function addressText(
  bound: UdpAddress | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  return formatUdpAddress(bound ?? { address: host, port });
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

/** One that a module of the user's own makes. */
function makeOwn(name: string, entry: ModuleTransportSettings, listener: TransportListener, observer: Observer): Made {
  const { module, options, retryInterval, forwarders, advertise } = entry;
  const transport = new ModuleTransport({
    ...{ name, module, options, retryInterval, forwarders, advertise, listener, observer },
  });
  return { transport, kind: 'module', address: () => transport.address() };
}
