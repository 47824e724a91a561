/** The options that say where the gateway is and how it is spoken to: UDP, DTLS or a serial line, as oneself or behind a forwarder. */
import { randomBytes } from 'node:crypto';
import type { MqttSnClientOptions } from '../client/client-options.ts';
import type { ClientTransport } from '../client/client-transport.ts';
import { DtlsClientTransport } from '../client/dtls-client-transport.ts';
import { ForwardedClientTransport, MAX_WIRELESS_NODE_ID } from '../client/forwarded-client-transport.ts';
import { SerialClientTransport } from '../client/serial-client-transport.ts';
import { UdpClientTransport } from '../client/udp-client-transport.ts';
import { gatewayUrl } from './gateway-url.ts';
import { OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';
import { pskKeyIn } from './psk-key-file.ts';

const MAX_UINT16 = 65_535;
const UDP_PORT = 1_884;
const DTLS_PORT = 8_883;
const HOST = '127.0.0.1';
const BAUD = 115_200;

/** Octets of a wireless node id that nobody has chosen. */
const RANDOM_NODE_ID = 4;

/** -h is the host here, as with mosquitto's programs: help is --help only. */
export const GATEWAY_OPTIONS = {
  host: {
    alias: 'h',
    type: 'string',
    requiresArg: true,
    defaultDescription: `"${HOST}"`,
    describe: 'Gateway: address or name',
    notEmpty: true,
  },
  port: {
    alias: 'p',
    type: 'number',
    requiresArg: true,
    describe: 'Gateway: UDP port; default 1884, with --dtls 8883',
    whole: [1, MAX_UINT16],
  },
  url: {
    alias: 'L',
    type: 'string',
    requiresArg: true,
    describe: 'Gateway and topic as one: mqtt-sn://host:port/topic',
  },
  cport: {
    type: 'number',
    requiresArg: true,
    describe: 'Own UDP port; default: any free one',
    whole: [1, MAX_UINT16],
  },
  dtls: { type: 'boolean', default: false, describe: 'Speak DTLS 1.2; needs --psk-identity and --psk-file' },
  'psk-identity': { type: 'string', requiresArg: true, describe: 'Who this is, for DTLS', notEmpty: true },
  'psk-file': { type: 'string', requiresArg: true, describe: 'File with the key, or one that psk add has made' },
  serial: {
    type: 'string',
    requiresArg: true,
    describe: 'Serial port with a gateway at its other end, in place of UDP',
    notEmpty: true,
  },
  baud: {
    type: 'number',
    requiresArg: true,
    defaultDescription: String(BAUD),
    describe: 'Speed of the serial line, bits a second',
    whole: [50, 12_000_000],
  },
  framing: {
    type: 'string',
    requiresArg: true,
    choices: ['length', 'slip', 'cobs'],
    defaultDescription: '"length"',
    describe: 'How frames are told apart on the serial line',
  },
  crc: {
    type: 'string',
    requiresArg: true,
    choices: ['none', 'ccitt', 'modbus'],
    defaultDescription: '"none"',
    describe: 'CRC behind each frame on the serial line',
  },
  fe: {
    type: 'boolean',
    default: false,
    describe: 'Be a node behind a forwarder: encapsulate each frame; the gateway must list this address as a forwarder',
  },
  wlnid: {
    type: 'string',
    requiresArg: true,
    describe: 'Wireless node id behind the forwarder: text, or 0x and hexadecimal digits; default: a random one',
    notEmpty: true,
  },
} as const satisfies OptionTable;

/** The values of these options. */
export type GatewayArguments = OptionValues<typeof GATEWAY_OPTIONS>;

/** Where the gateway is, and the transport to it where that is not plain UDP. Throws `OptionProblem`. */
export type GatewayPlace = Required<Pick<MqttSnClientOptions, 'host' | 'port'>> &
  Pick<MqttSnClientOptions, 'transport'>;

/** Throws `OptionProblem`. */
export function gatewayPlace(values: GatewayArguments): GatewayPlace {
  const { host, port } = hostAndPort(values);
  const medium = serialTransport(values) ?? dtlsTransport(values, host, port) ?? udpTransport(values, host, port);
  const transport = values.fe
    ? new ForwardedClientTransport(medium ?? new UdpClientTransport({ host, port }), wirelessNodeId(values.wlnid))
    : medium;
  if (!values.fe && values.wlnid !== undefined) {
    throw new OptionProblem('--wlnid is for a node behind a forwarder: add --fe');
  }
  return { host, port, ...(transport && { transport }) };
}

/** Where the gateway is, for people; also where the options are wrong. */
export function gatewayAddress(values: GatewayArguments): string {
  if (values.serial !== undefined) {
    return values.serial;
  }
  try {
    const { host, port } = hostAndPort(values);
    return `${host}:${port}`;
  } catch {
    return values.url ?? '';
  }
}

function hostAndPort(values: GatewayArguments): { readonly host: string; readonly port: number } {
  const { dtls, url } = values;
  if (url !== undefined && (values.host !== undefined || values.port !== undefined)) {
    throw new OptionProblem('--url names the gateway: leave --host and --port away');
  }
  const { host = HOST, port = dtls ? DTLS_PORT : UDP_PORT } = url === undefined ? values : gatewayUrl(url);
  return { host, port };
}

/** Undefined where a plain client does. */
function udpTransport({ cport }: GatewayArguments, host: string, port: number): ClientTransport | undefined {
  return cport === undefined ? undefined : new UdpClientTransport({ host, port, localPort: cport });
}

function serialTransport(values: GatewayArguments): ClientTransport | undefined {
  const { serial: path, baud: baudRate = BAUD, framing = 'length', crc = 'none' } = values;
  if (path === undefined) {
    const idle = (['baud', 'framing', 'crc'] as const).find((name) => values[name] !== undefined);
    if (idle !== undefined) {
      throw new OptionProblem(`--${idle} is for a serial line: add --serial`);
    }
    return undefined;
  }
  const wrong =
    (['host', 'port', 'cport'] as const).find((name) => values[name] !== undefined) ??
    (values.dtls ? 'dtls' : undefined);
  if (wrong !== undefined) {
    throw new OptionProblem(`a serial line has no network: leave --${wrong} or --serial away`);
  }
  if (values.url !== undefined) {
    throw new OptionProblem('a serial line has no address: give --topic in place of --url');
  }
  if (crc !== 'none' && framing === 'length') {
    throw new OptionProblem('--crc needs --framing slip or cobs: with length there are only the messages on the line');
  }
  return new SerialClientTransport({ path, baudRate, framing, crc });
}

/** Undefined without --dtls. The key is read from a file: what stands on a command line is seen by everybody on the machine. */
function dtlsTransport(values: GatewayArguments, host: string, port: number): ClientTransport | undefined {
  const { dtls, cport, 'psk-identity': identity, 'psk-file': file } = values;
  if (!dtls) {
    if (identity !== undefined || file !== undefined) {
      throw new OptionProblem('--psk-identity and --psk-file are for DTLS: add --dtls');
    }
    return undefined;
  }
  if (identity === undefined || file === undefined) {
    throw new OptionProblem(
      `--dtls needs a pre-shared key: add ${identity === undefined ? '--psk-identity' : '--psk-file'}`,
    );
  }
  const localPort = cport === undefined ? {} : { localPort: cport };
  return new DtlsClientTransport({ host, port, ...localPort, identity, key: pskKeyIn(file, identity) });
}

/** The octets of --wlnid. */
export function wirelessNodeId(given: string | undefined): Uint8Array {
  if (given === undefined) {
    return randomBytes(RANDOM_NODE_ID);
  }
  const hex = /^0x(.*)$/i.exec(given)?.[1];
  if (hex !== undefined && !/^([\da-f]{2})+$/i.test(hex)) {
    throw new OptionProblem(`--wlnid: two hexadecimal digits for each octet behind 0x, "${given}" has something else`);
  }
  const octets = hex === undefined ? Buffer.from(given) : Buffer.from(hex, 'hex');
  if (octets.length > MAX_WIRELESS_NODE_ID) {
    throw new OptionProblem(
      `--wlnid has ${octets.length} octets, and a wireless node id at most ${MAX_WIRELESS_NODE_ID}`,
    );
  }
  return octets;
}
