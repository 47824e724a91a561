/** The options that `pub` and `sub` share, named as those of mosquitto_pub and mosquitto_sub, and what they mean to the client. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientWill, MqttSnClientOptions } from '../client/client-options.ts';
import type { ClientTopic } from '../client/client-topic.ts';
import { DtlsClientTransport } from '../client/dtls-client-transport.ts';
import { shortTopicId } from '../codec/short-topic.ts';
import { readPskKey } from '../config/psk-key.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';

/** Longest client id that every gateway must take (§5.3.1). */
const MAX_CLIENT_ID = 23;
const MAX_UINT16 = 65_535;
const UDP_PORT = 1_884;
const DTLS_PORT = 8_883;

/** The topic ids that a client can name. */
export const TOPIC_IDS = [1, 65_534] as const;

/** The shared options. -h is the host here, as with mosquitto's programs: help is --help only. */
export const CLIENT_OPTIONS = {
  host: {
    alias: 'h',
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'Gateway: address or name',
  },
  port: {
    alias: 'p',
    type: 'number',
    requiresArg: true,
    describe: 'Gateway: UDP port; default 1884, with --dtls 8883',
    whole: [1, MAX_UINT16],
  },
  dtls: { type: 'boolean', default: false, describe: 'Speak DTLS 1.2; needs --psk-identity and --psk-file' },
  'psk-identity': { type: 'string', requiresArg: true, describe: 'Who this is, for DTLS', notEmpty: true },
  'psk-file': { type: 'string', requiresArg: true, describe: 'File with the key, or one that psk add has made' },
  id: {
    alias: 'i',
    type: 'string',
    requiresArg: true,
    describe: 'Client id; default: a random one',
    notEmpty: true,
  },
  keepalive: {
    alias: 'k',
    type: 'number',
    requiresArg: true,
    default: 60,
    describe: 'Keep-alive in seconds, 0 = none',
    whole: [0, MAX_UINT16],
  },
  'disable-clean-session': {
    alias: 'c',
    type: 'boolean',
    default: false,
    describe: 'Keep the session at the gateway; needs --id',
  },
  debug: {
    alias: 'd',
    type: 'boolean',
    default: false,
    describe: 'Print each frame, decoded, on standard error',
  },
  'retry-interval': {
    type: 'number',
    requiresArg: true,
    default: 10,
    describe: 'Seconds until a message without answer is repeated',
    seconds: 'above 0',
  },
  'retry-count': {
    type: 'number',
    requiresArg: true,
    default: 3,
    describe: 'How often it is repeated',
    whole: [0, 100],
  },
  'will-topic': { type: 'string', requiresArg: true, describe: 'Topic of the will' },
  'will-payload': { type: 'string', requiresArg: true, describe: 'Payload of the will' },
  'will-qos': {
    type: 'number',
    requiresArg: true,
    choices: [0, 1, 2],
    describe: 'QoS of the will; default 0',
  },
  'will-retain': { type: 'boolean', describe: 'Retain the will' },
} as const satisfies OptionTable;

/** The values of the shared options. */
export type ClientArguments = OptionValues<typeof CLIENT_OPTIONS>;

/** What the client is made with. `program`: first part of a generated client id. Throws `OptionProblem`. */
export function clientSettings(values: ClientArguments, program: 'pub' | 'sub'): MqttSnClientOptions {
  checkOptions(CLIENT_OPTIONS, values);
  const { host, dtls, port = dtls ? DTLS_PORT : UDP_PORT, id, keepalive } = values;
  const cleanSession = !values['disable-clean-session'];
  if (!cleanSession && id === undefined) {
    throw new OptionProblem('--disable-clean-session needs a client id: add --id');
  }
  const will = clientWill(values);
  return {
    host,
    port,
    ...dtlsTransport(values, host, port),
    clientId: id ?? generatedClientId(program),
    cleanSession,
    keepAlive: keepalive,
    retryInterval: values['retry-interval'] * 1000,
    retryCount: values['retry-count'],
    ...(will !== undefined && { will }),
  };
}

/** Absent without --dtls. The key is read from a file: what stands on a command line is seen by everybody on the machine. */
function dtlsTransport(values: ClientArguments, host: string, port: number): Pick<MqttSnClientOptions, 'transport'> {
  const { dtls, 'psk-identity': identity, 'psk-file': file } = values;
  if (!dtls) {
    if (identity !== undefined || file !== undefined) {
      throw new OptionProblem('--psk-identity and --psk-file are for DTLS: add --dtls');
    }
    return {};
  }
  if (identity === undefined || file === undefined) {
    throw new OptionProblem(
      `--dtls needs a pre-shared key: add ${identity === undefined ? '--psk-identity' : '--psk-file'}`,
    );
  }
  return { transport: new DtlsClientTransport({ host, port, identity, key: keyIn(file, identity) }) };
}

/** A file has the key alone, or the keys of many by identity, as the gateway's own. */
function keyIn(file: string, identity: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as { readonly code?: string };
    throw new OptionProblem(`--psk-file: cannot read ${file}: ${code === 'ENOENT' ? 'no such file' : code}`);
  }
  const keys = text.split('\n').flatMap(lineOfKeys);
  const named = keys.find((each) => each.identity === identity);
  if (named === undefined && keys.length > 0) {
    throw new OptionProblem(`--psk-file: no key of ${identity} is in ${file}`);
  }
  const read = readPskKey(named?.key ?? text.trim());
  if ('problem' in read) {
    throw new OptionProblem(`--psk-file: ${file}: ${read.problem}`);
  }
  return read.key;
}

/** A line of a file of keys, as `psk add` and people write it; the rest of YAML is for the gateway alone, for it takes long to load. */
function lineOfKeys(line: string): { readonly identity: string; readonly key: string }[] {
  const [, quoted, plain = '', key = ''] =
    /^(?:("(?:[^"\\]|\\.)*")|([^\s"'#:][^:#]*?))\s*:\s+["']?([0-9a-z+/=]+)["']?\s*(?:#.*)?$/i.exec(line) ?? [];
  try {
    return key === '' ? [] : [{ identity: quoted === undefined ? plain : String(JSON.parse(quoted)), key }];
  } catch {
    return []; // not quoted as JSON is
  }
}

/** Where the gateway is, for people. */
export function gatewayAddress({ host, port, dtls }: Pick<ClientArguments, 'host' | 'port' | 'dtls'>): string {
  return `${host}:${port ?? (dtls ? DTLS_PORT : UDP_PORT)}`;
}

function clientWill(values: ClientArguments): ClientWill | undefined {
  const { 'will-topic': topic, 'will-payload': message, 'will-qos': qos, 'will-retain': retain } = values;
  if (topic !== undefined) {
    return { topic, message: message ?? '', qos: qos ?? 0, retain: retain ?? false };
  }
  if (message !== undefined || qos !== undefined || retain !== undefined) {
    throw new OptionProblem('a will needs a topic: add --will-topic');
  }
  return undefined;
}

/**
 * The topics that -t and --topic-id name. `short`: the names are short topics of two octets (§6.7); nothing but `short` makes them so.
 * Throws `OptionProblem`.
 */
export function clientTopics(names: readonly string[], topicIds: readonly number[], short: boolean): ClientTopic[] {
  if (short && names.length === 0) {
    throw new OptionProblem('--short says how to send a --topic, and there is none');
  }
  for (const name of names) {
    if (short && shortTopicId(name) === undefined) {
      throw new OptionProblem(`--short needs a topic of exactly two octets, "${name}" is none`);
    }
  }
  return [...names.map((name) => (short ? { short: name } : { name })), ...topicIds.map((topicId) => ({ topicId }))];
}

function generatedClientId(program: string): string {
  return `mqtt-sn-${program}-${randomBytes(4).toString('hex')}`.slice(0, MAX_CLIENT_ID);
}
