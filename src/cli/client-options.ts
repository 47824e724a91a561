/** The options that `pub` and `sub` share, named as those of mosquitto_pub and mosquitto_sub, and what they mean to the client. */
import { randomBytes } from 'node:crypto';
import type { ClientWill, MqttSnClientOptions } from '../client/client-options.ts';
import type { ClientTopic } from '../client/client-topic.ts';
import { shortTopicId } from '../codec/short-topic.ts';
import { GATEWAY_OPTIONS, gatewayPlace } from './gateway-options.ts';
import { gatewayUrl } from './gateway-url.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';

/** Longest client id that every gateway must take (§5.3.1). */
const MAX_CLIENT_ID = 23;
const MAX_UINT16 = 65_535;

/** The topic ids that a client can name. */
export const TOPIC_IDS = [1, 65_534] as const;

/** The shared options. */
export const CLIENT_OPTIONS = {
  ...GATEWAY_OPTIONS,
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
  quiet: { type: 'boolean', default: false, describe: 'Say nothing of what goes wrong; the exit code does' },
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
export function clientSettings(values: ClientArguments, program: string): MqttSnClientOptions {
  checkOptions(CLIENT_OPTIONS, values);
  const { id, keepalive } = values;
  const place = gatewayPlace(values);
  const cleanSession = !values['disable-clean-session'];
  if (!cleanSession && id === undefined) {
    throw new OptionProblem('--disable-clean-session needs a client id: add --id');
  }
  const will = clientWill(values);
  return {
    ...place,
    clientId: id ?? generatedClientId(program),
    cleanSession,
    keepAlive: keepalive,
    retryInterval: values['retry-interval'] * 1000,
    retryCount: values['retry-count'],
    ...(will !== undefined && { will }),
  };
}

/** The topic that --url names. Throws `OptionProblem`. */
export function urlTopic({ url }: Pick<ClientArguments, 'url'>): string | undefined {
  return url === undefined ? undefined : gatewayUrl(url).topic;
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
