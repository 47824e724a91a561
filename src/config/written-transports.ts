/** The transports of a gateway as a program writes them. Made from the schema by `npm run docs`; a test keeps it true. */
import type { Duration } from './duration.ts';

/** An entry of `transports` of the type udp. */
export interface UdpSettings {
  /** Kind of the transport. */
  readonly type: 'udp';
  /** Name in logs and in the addresses of clients; different for each transport. */
  readonly name?: string;
  /** Address on which to listen; "0.0.0.0" is all of IPv4, "::" all of IPv6 (for both, list two transports). A link-local address names its interface: "fe80::1%eth0". An address that is not there yet is waited for, an interface that does not exist is an error. Default: `0.0.0.0`. */
  readonly host?: string;
  /** UDP port of the service. Default: `1884`. */
  readonly port?: number;
  /** Longest message sent or accepted, with the encapsulation of a forwarder; a longer request is refused. The default fits into one Ethernet frame. Default: `1472`. */
  readonly maxFrame?: number;
  /** T_retry towards the clients of this transport. Absent: timing.retryInterval. */
  readonly retryInterval?: Duration;
  /** Addresses of forwarders whose encapsulated frames (0xFE) are taken: IP addresses, with a port or without. Absent: any; an empty list: none. */
  readonly forwarders?: readonly string[] | string;
  /** discovery by multicast. Absent or empty: off. `multicast: {}`, or any setting in it, switches it on. */
  readonly multicast?: {
    /** Multicast group, IPv4 or IPv6. Default: `225.1.1.1`. */
    readonly group?: string;
    /** UDP port of the group. Default: `1883`. */
    readonly port?: number;
    /** Address of the network interface to use, or its name in the form "::%eth0" for an IPv6 group. Absent: the operating system chooses. Until the interface is there the transport serves without multicast; a name behind % that does not exist at the start is an error. */
    readonly interface?: string;
    /** Hops that multicast datagrams may take (TTL); 1 stays in the local network. Default: `1`. */
    readonly ttl?: number;
    /** Let programs on this machine hear the multicasts too. Default: `false`. */
    readonly loopback?: boolean;
    /** Use the radius of a SEARCHGW as TTL of the answer; radius 0 uses ttl. Default: `false`. */
    readonly radiusAsTtl?: boolean;
  };
}

/** An entry of `transports` of the type dtls. */
export interface DtlsSettings {
  /** Kind of the transport. */
  readonly type: 'dtls';
  /** Name in logs and in the addresses of clients; different for each transport. */
  readonly name?: string;
  /** Address on which to listen; "0.0.0.0" is all of IPv4, "::" all of IPv6 (for both, list two transports). An address that is not there yet is waited for. Default: `0.0.0.0`. */
  readonly host?: string;
  /** UDP port of the service. Default: `8883`. */
  readonly port?: number;
  /** File with the pre-shared keys: identity to key, in hexadecimal or base64 digits, at least 16 octets; `mqtt-sn-gateway psk add` writes it. What changes in it counts when settings are read again; associations of identities whose key is gone or another one end then. Default: `psk.yaml`. */
  readonly keys?: string;
  /** Cipher suites that clients may use; of those the first one that the client lists counts. Only the one with ECDHE has forward secrecy. */
  readonly suites?: readonly string[] | string;
  /** Silence after which an association is forgotten; longer than the longest sleep of a client, which has to shake hands anew then. It counts over a restart. Default: `1d`. */
  readonly idle?: Duration;
  /** Associations at most. For a new one the one goes that has been silent the longest, of the identity that has most of them. Default: `10000`. */
  readonly maxAssociations?: number;
  /** Handshakes under way at most; for a new one the oldest goes. Default: `1000`. */
  readonly maxHandshakes?: number;
  /** Longest message sent or accepted, with the encapsulation of a forwarder; a longer request is refused. The default fits into one Ethernet frame. Default: `1400`. */
  readonly maxFrame?: number;
  /** T_retry towards the clients of this transport. Absent: timing.retryInterval. */
  readonly retryInterval?: Duration;
  /** Addresses of forwarders whose encapsulated frames (0xFE) are taken: IP addresses, with a port or without. Absent: any; an empty list: none. */
  readonly forwarders?: readonly string[] | string;
}

/** An entry of `transports` of the type serial. */
export interface SerialSettings {
  /** Kind of the transport. */
  readonly type: 'serial';
  /** Name in logs and in the addresses of clients; different for each transport. */
  readonly name?: string;
  /** Serial port: best the name that stays, /dev/serial/by-id/…; `mqtt-sn-gateway ports` lists them. It may be plugged in later. Or tcp://host:port: a line over the network, octets as they are (ser2net in raw mode, ESP-Link, a coordinator with a network socket), which is set at its other end (docs/network-lines.md). */
  readonly path: string;
  /** Speed of the line in bits a second. Frames are sent no faster than it carries. Default: `115200`. */
  readonly baudRate?: number;
  /** Data bits of the line. MQTT-SN is binary and needs 8. Default: `8`. */
  readonly dataBits?: 5 | 6 | 7 | 8;
  /** Parity bit of the line. Default: `none`. */
  readonly parity?: 'none' | 'even' | 'odd' | 'mark' | 'space';
  /** Stop bits of the line. Default: `1`. */
  readonly stopBits?: 1 | 1.5 | 2;
  /** Hardware flow control with RTS and CTS. Default: `false`. */
  readonly rtscts?: boolean;
  /** How frames are told apart: by their own length octets and nothing else, or delimited as SLIP (RFC 1055) or COBS. The delimited ones find the next frame at once after noise. Default: `length`. */
  readonly framing?: 'length' | 'slip' | 'cobs';
  /** CRC-16 behind each frame, low octet first: ccitt is CRC-16/CCITT-FALSE, modbus CRC-16/MODBUS. Needs framing slip or cobs. Default: `none`. */
  readonly crc?: 'none' | 'ccitt' | 'modbus';
  /** Silence that ends a broken frame. Default: `100ms`. */
  readonly interFrameGap?: Duration;
  /** Longest message sent or accepted. Default: `1024`. */
  readonly maxFrame?: number;
  /** T_retry towards the clients of this transport. Absent: timing.retryInterval. */
  readonly retryInterval?: Duration;
  /** Addresses of forwarders whose encapsulated frames (0xFE) are taken: `line`, the one at the other end. Absent: any; an empty list: none. */
  readonly forwarders?: readonly string[] | string;
  /** Send ADVERTISE on this line. Default: `false`. */
  readonly advertise?: boolean;
}

/** An entry of `transports` of the type xbee. */
export interface XBeeSettings {
  /** Kind of the transport. */
  readonly type: 'xbee';
  /** Name in logs and in the addresses of clients; different for each transport. */
  readonly name?: string;
  /** Serial port: best the name that stays, /dev/serial/by-id/…; `mqtt-sn-gateway ports` lists them. It may be plugged in later. Or tcp://host:port: a line over the network, octets as they are (ser2net in raw mode, ESP-Link, a coordinator with a network socket), which is set at its other end (docs/network-lines.md). */
  readonly path: string;
  /** Speed of the line in bits a second. Frames are sent no faster than it carries. Default: `38400`. */
  readonly baudRate?: number;
  /** Hardware flow control with RTS and CTS. Default: `false`. */
  readonly rtscts?: boolean;
  /** API mode of the module (its setting AP); 2 escapes special octets. Default: `2`. */
  readonly apiMode?: 1 | 2;
  /** Longest message sent. Absent: what the module says (NP); that is never exceeded. */
  readonly maxFrame?: number;
  /** How long the module may take to report whether a frame arrived. Default: `5s`. */
  readonly statusTimeout?: Duration;
  /** T_retry towards the clients of this transport. Absent: timing.retryInterval. */
  readonly retryInterval?: Duration;
  /** Addresses of forwarders whose encapsulated frames (0xFE) are taken: 64-bit addresses, 16 hexadecimal digits. Absent: any; an empty list: none. */
  readonly forwarders?: readonly string[] | string;
  /** Broadcast ADVERTISE and GWINFO in the radio network. Default: `true`. */
  readonly advertise?: boolean;
}

/** An entry of `transports` of the type module. */
export interface ModuleSettings {
  /** Kind of the transport. */
  readonly type: 'module' | `./${string}` | `../${string}` | `/${string}`;
  /** Name in logs and in the addresses of clients; different for each transport. */
  readonly name?: string;
  /** JavaScript module that implements the transport (docs/own-transport.md). It may stand as type instead: `type: ./my-radio.js`. What goes wrong in it ends nothing else. */
  readonly module?: string;
  /** What the module is given, unchecked; never shown, for there may be keys in it. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** T_retry towards the clients of this transport. Absent: timing.retryInterval. */
  readonly retryInterval?: Duration;
  /** Addresses of forwarders whose encapsulated frames (0xFE) are taken: as the module reports them. Absent: any; an empty list: none. */
  readonly forwarders?: readonly string[] | string;
  /** Broadcast ADVERTISE and GWINFO where the module can. Default: `true`. */
  readonly advertise?: boolean;
}

/** One entry of `transports`. */
export type TransportSettings = UdpSettings | DtlsSettings | SerialSettings | XBeeSettings | ModuleSettings;
