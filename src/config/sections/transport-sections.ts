/** The settings of the transports: one shape for each kind. */
import * as z from 'zod';
import { MINUTE, SECOND } from '../duration.ts';
import { moduleForwarder, serialForwarder, udpForwarder, xbeeForwarder } from '../forwarder-address.ts';
import { linePath } from '../line-path.ts';
import {
  choice,
  duration,
  file,
  flag,
  host,
  ipAddress,
  type ListEntry,
  list,
  map,
  multicastAddress,
  octets,
  oneOf,
  port,
  settingKinds,
  text,
  wholeNumber,
} from '../setting-kinds.ts';
import { dtlsSettings } from './dtls-section.ts';

/** The kinds of transports, as the setting `type` names them. */
export const TRANSPORT_TYPES = ['udp', 'dtls', 'serial', 'xbee', 'module'] as const;

function kindOf<const Type extends (typeof TRANSPORT_TYPES)[number]>(type: Type) {
  const schema = z.literal(type);
  const own = type === 'module' ? ', or the path of one that begins with ./, ../ or /' : '';
  const expected = `one of ${TRANSPORT_TYPES.map((each) => `"${each}"`).join(', ')}, or the path of a module such as "./my-radio.js"`;
  settingKinds.add(schema as z.ZodType, { kind: 'choice', expected, type: `${type}${own}` });
  return schema.meta({ description: 'Kind of the transport.' });
}

const name = (example: string) =>
  text({ pattern: /^[a-z0-9-]+$/, expected: 'lower-case letters, digits and hyphens' })
    .optional()
    .meta({
      description: 'Name in logs and in the addresses of clients; different for each transport.',
      examples: [example],
    });

const retryInterval = () =>
  duration({ min: 100, max: 10 * MINUTE })
    .optional()
    .meta({
      description: 'T_retry towards the clients of this transport. Absent: timing.retryInterval.',
      examples: ['20s'],
    });

/** F-8 */
const forwarders = (addresses: string, entry: ListEntry, examples: string[]) =>
  list(entry)
    .optional()
    .meta({
      description: `Addresses of forwarders whose encapsulated frames (0xFE) are taken: ${addresses}. Absent: any; an empty list: none.`,
      examples: [examples],
    });

const path = () =>
  linePath().meta({
    description:
      'Serial port: best the name that stays, /dev/serial/by-id/…; `mqtt-sn-gateway ports` lists them. It may be plugged in later. Or tcp://host:port: a line over the network, octets as they are (ser2net in raw mode, ESP-Link, a coordinator with a network socket), which is set at its other end (docs/network-lines.md).',
    examples: ['/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0'],
  });

const baudRate = (standard: number) =>
  wholeNumber(50, 4_000_000)
    .default(standard)
    .meta({
      description: 'Speed of the line in bits a second. Frames are sent no faster than it carries.',
      examples: [standard],
    });

const rtscts = () =>
  flag()
    .default(false)
    .meta({ description: 'Hardware flow control with RTS and CTS.', examples: [true] });

const multicastSection = z.strictObject({
  group: multicastAddress()
    .default('225.1.1.1')
    .meta({ description: 'Multicast group, IPv4 or IPv6.', examples: ['225.1.1.1'] }),
  port: port()
    .default(1883)
    .meta({ description: 'UDP port of the group.', examples: [1883] }),
  interface: ipAddress()
    .optional()
    .meta({
      description:
        'Address of the network interface to use, or its name in the form "::%eth0" for an IPv6 group. Absent: the operating system chooses. Until the interface is there the transport serves without multicast; a name behind % that does not exist at the start is an error.',
      examples: ['192.168.1.10'],
    }),
  ttl: wholeNumber(0, 255)
    .default(1)
    .meta({
      description: 'Hops that multicast datagrams may take (TTL); 1 stays in the local network.',
      examples: [1],
    }),
  loopback: flag()
    .default(false)
    .meta({ description: 'Let programs on this machine hear the multicasts too.', examples: [true] }),
  radiusAsTtl: flag()
    .default(false)
    .meta({ description: 'Use the radius of a SEARCHGW as TTL of the answer; radius 0 uses ttl.', examples: [true] }),
});

export const udpTransport = z.strictObject({
  type: kindOf('udp'),
  name: name('udp-lan'),
  host: host()
    .default('0.0.0.0')
    .meta({
      description:
        'Address on which to listen; "0.0.0.0" is all of IPv4, "::" all of IPv6 (for both, list two transports). A link-local address names its interface: "fe80::1%eth0". An address that is not there yet is waited for, an interface that does not exist is an error.',
      examples: ['::'],
    }),
  port: wholeNumber(0, 65_535, 'any free port')
    .default(1884)
    .meta({ description: 'UDP port of the service.', examples: [1884] }),
  maxFrame: octets(64, 65_507)
    .default(1_472)
    .meta({
      description:
        'Longest message sent or accepted, with the encapsulation of a forwarder; a longer request is refused. The default fits into one Ethernet frame.',
      examples: [1_232],
    }),
  retryInterval: retryInterval(),
  forwarders: forwarders('IP addresses, with a port or without', udpForwarder, ['192.168.1.20']),
  multicast: multicastSection.optional().meta({
    description: 'discovery by multicast. Absent or empty: off. `multicast: {}`, or any setting in it, switches it on.',
  }),
});

export const dtlsTransport = z.strictObject({
  type: kindOf('dtls'),
  name: name('dtls-site'),
  host: host()
    .default('0.0.0.0')
    .meta({
      description:
        'Address on which to listen; "0.0.0.0" is all of IPv4, "::" all of IPv6 (for both, list two transports). An address that is not there yet is waited for.',
      examples: ['::'],
    }),
  port: wholeNumber(0, 65_535, 'any free port')
    .default(8883)
    .meta({ description: 'UDP port of the service.', examples: [8883] }),
  ...dtlsSettings,
  maxFrame: octets(64, 16_384)
    .default(1_400)
    .meta({
      description:
        'Longest message sent or accepted, with the encapsulation of a forwarder; a longer request is refused. The default fits into one Ethernet frame.',
      examples: [1_152],
    }),
  retryInterval: retryInterval(),
  forwarders: forwarders('IP addresses, with a port or without', udpForwarder, ['192.168.1.20']),
});

export const serialTransport = z.strictObject({
  type: kindOf('serial'),
  name: name('serial-greenhouse'),
  path: path(),
  baudRate: baudRate(115_200),
  dataBits: oneOf([5, 6, 7, 8])
    .default(8)
    .meta({ description: 'Data bits of the line. MQTT-SN is binary and needs 8.', examples: [8] }),
  parity: choice(['none', 'even', 'odd', 'mark', 'space'])
    .default('none')
    .meta({ description: 'Parity bit of the line.', examples: ['even'] }),
  stopBits: oneOf([1, 1.5, 2])
    .default(1)
    .meta({ description: 'Stop bits of the line.', examples: [2] }),
  rtscts: rtscts(),
  framing: choice(['length', 'slip', 'cobs'])
    .default('length')
    .meta({
      description:
        'How frames are told apart: by their own length octets and nothing else, or delimited as SLIP (RFC 1055) or COBS. The delimited ones find the next frame at once after noise.',
      examples: ['slip'],
    }),
  crc: choice(['none', 'ccitt', 'modbus'])
    .default('none')
    .meta({
      description:
        'CRC-16 behind each frame, low octet first: ccitt is CRC-16/CCITT-FALSE, modbus CRC-16/MODBUS. Needs framing slip or cobs.',
      examples: ['ccitt'],
    }),
  interFrameGap: duration({ min: 1, max: 10 * SECOND })
    .default(100)
    .meta({ description: 'Silence that ends a broken frame.', examples: ['100ms'] }),
  maxFrame: octets(16, 65_535)
    .default(1_024)
    .meta({ description: 'Longest message sent or accepted.', examples: [255] }),
  retryInterval: retryInterval(),
  forwarders: forwarders('`line`, the one at the other end', serialForwarder, ['line']),
  advertise: flag()
    .default(false)
    .meta({ description: 'Send ADVERTISE on this line.', examples: [true] }),
});

export const xbeeTransport = z.strictObject({
  type: kindOf('xbee'),
  name: name('xbee-house'),
  path: path(),
  baudRate: baudRate(38_400),
  rtscts: rtscts(),
  apiMode: oneOf([1, 2])
    .default(2)
    .meta({ description: 'API mode of the module (its setting AP); 2 escapes special octets.', examples: [1] }),
  maxFrame: octets(16, 65_535)
    .optional()
    .meta({
      description: 'Longest message sent. Absent: what the module says (NP); that is never exceeded.',
      examples: [60],
    }),
  statusTimeout: duration({ min: 100, max: MINUTE })
    .default(5 * SECOND)
    .meta({ description: 'How long the module may take to report whether a frame arrived.', examples: ['5s'] }),
  retryInterval: retryInterval(),
  forwarders: forwarders('64-bit addresses, 16 hexadecimal digits', xbeeForwarder, ['0013a20040401122']),
  advertise: flag()
    .default(true)
    .meta({ description: 'Broadcast ADVERTISE and GWINFO in the radio network.', examples: [false] }),
});

export const moduleTransport = z.strictObject({
  type: kindOf('module'),
  name: name('radio-barn'),
  module: file().meta({
    description:
      'JavaScript module that implements the transport (docs/own-transport.md). It may stand as type instead: `type: ./my-radio.js`. What goes wrong in it ends nothing else.',
    examples: ['./my-radio.js'],
  }),
  options: map('a map of whatever the module wants')
    .prefault({})
    .meta({ description: 'What the module is given, unchecked; never shown, for there may be keys in it.' }),
  retryInterval: retryInterval(),
  forwarders: forwarders('as the module reports them', moduleForwarder, ['node-7']),
  advertise: flag()
    .default(true)
    .meta({ description: 'Broadcast ADVERTISE and GWINFO where the module can.', examples: [false] }),
});

export const transportList = z
  .array(z.discriminatedUnion('type', [udpTransport, dtlsTransport, serialTransport, xbeeTransport, moduleTransport]))
  .min(1)
  .prefault([{ type: 'udp' }])
  .meta({
    description: 'Where clients are heard: a list, any number of entries. Absent: one UDP transport with the defaults.',
  });
