/** The options that `pub` and `sub` share, named as those of mosquitto_pub and mosquitto_sub, and what they mean to the client. */
import { randomBytes } from 'node:crypto';
import type { Argv } from 'yargs';
import type { MqttSnClientOptions } from '../client/client-options.ts';
import type { ClientTopic } from '../client/client-topic.ts';
import { shortTopicId } from '../codec/short-topic.ts';

/** The values of the shared options. */
export interface ClientArguments {
  readonly host: string;
  readonly port: number;
  readonly id?: string | undefined;
  readonly keepalive: number;
  readonly disableCleanSession: boolean;
  readonly debug: boolean;
  readonly retryInterval: number;
  readonly retryCount: number;
  readonly willTopic?: string | undefined;
  readonly willPayload?: string | undefined;
  readonly willQos?: number | undefined;
  readonly willRetain?: boolean | undefined;
}

/** The options fit together badly: one line for the user, exit code 2. */
export class OptionProblem extends Error {
  override readonly name = 'OptionProblem';
}

/** Longest client id that every gateway must take (§5.3.1). */
const MAX_CLIENT_ID = 23;
const MAX_UINT16 = 65_535;
const MAX_TOPIC_ID = 65_534;

/** Declares the shared options. -h is the host here, as with mosquitto's programs: help is --help only. */
export function clientOptions(command: Argv): Argv<ClientArguments> {
  return command
    .option('host', {
      alias: 'h',
      type: 'string',
      requiresArg: true,
      default: '127.0.0.1',
      describe: 'Gateway: address or name',
    })
    .option('port', { alias: 'p', type: 'number', requiresArg: true, default: 1884, describe: 'Gateway: UDP port' })
    .option('id', { alias: 'i', type: 'string', requiresArg: true, describe: 'Client id; default: a random one' })
    .option('keepalive', {
      alias: 'k',
      type: 'number',
      requiresArg: true,
      default: 60,
      describe: 'Keep-alive in seconds, 0 = none',
    })
    .option('disable-clean-session', {
      alias: 'c',
      type: 'boolean',
      default: false,
      describe: 'Keep the session at the gateway; needs --id',
    })
    .option('debug', {
      alias: 'd',
      type: 'boolean',
      default: false,
      describe: 'Print each frame, decoded, on standard error',
    })
    .option('retry-interval', {
      type: 'number',
      requiresArg: true,
      default: 10,
      describe: 'Seconds until a message without answer is repeated',
    })
    .option('retry-count', { type: 'number', requiresArg: true, default: 3, describe: 'How often it is repeated' })
    .option('will-topic', { type: 'string', requiresArg: true, describe: 'Topic of the will' })
    .option('will-payload', { type: 'string', requiresArg: true, describe: 'Payload of the will' })
    .option('will-qos', {
      type: 'number',
      requiresArg: true,
      choices: [0, 1, 2],
      describe: 'QoS of the will; default 0',
    })
    .option('will-retain', { type: 'boolean', describe: 'Retain the will' }) as unknown as Argv<ClientArguments>;
}

/** What the client is made with. `program`: first part of a generated client id. Throws `OptionProblem`. */
export function clientSettings(values: ClientArguments, program: 'pub' | 'sub'): MqttSnClientOptions {
  const { host, id, disableCleanSession, willTopic, willPayload, willQos, willRetain } = values;
  const port = wholeNumber('--port', values.port, 1, MAX_UINT16);
  const keepAlive = wholeNumber('--keepalive', values.keepalive, 0, MAX_UINT16);
  if (id === '') {
    throw new OptionProblem('--id must not be empty');
  }
  if (disableCleanSession && id === undefined) {
    throw new OptionProblem('--disable-clean-session needs a client id: add --id');
  }
  if (willTopic === undefined && (willPayload !== undefined || willQos !== undefined || willRetain !== undefined)) {
    throw new OptionProblem('a will needs a topic: add --will-topic');
  }
  if (!(values.retryInterval > 0)) {
    throw new OptionProblem('--retry-interval must be a number of seconds above 0');
  }
  return {
    host,
    port,
    clientId: id ?? generatedClientId(program),
    cleanSession: !disableCleanSession,
    keepAlive,
    retryInterval: values.retryInterval * 1000,
    retryCount: wholeNumber('--retry-count', values.retryCount, 0, 100),
    ...(willTopic !== undefined && {
      will: {
        topic: willTopic,
        message: willPayload ?? '',
        qos: (willQos ?? 0) as 0 | 1 | 2,
        retain: willRetain ?? false,
      },
    }),
  };
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
    if (name === '') {
      throw new OptionProblem('--topic must not be empty');
    }
    if (short && shortTopicId(name) === undefined) {
      throw new OptionProblem(`--short needs a topic of exactly two octets, "${name}" is none`);
    }
  }
  return [
    ...names.map((name) => (short ? { short: name } : { name })),
    ...topicIds.map((topicId) => ({ topicId: wholeNumber('--topic-id', topicId, 1, MAX_TOPIC_ID) })),
  ];
}

/** Throws `OptionProblem` where `value` is no whole number from `min` to `max`. */
export function wholeNumber(option: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new OptionProblem(`${option} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** yargs gives one value, several or none. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : ([value].flat() as T[]);
}

function generatedClientId(program: string): string {
  return `mqtt-sn-${program}-${randomBytes(4).toString('hex')}`.slice(0, MAX_CLIENT_ID);
}
