/** The options of `simulate`. */
import { CLIENT_OPTIONS } from '../client-options.ts';
import { GATEWAY_OPTIONS } from '../gateway-options.ts';
import type { OptionTable, OptionValues } from '../option-table.ts';

const { url: _url, ...PLACE } = GATEWAY_OPTIONS;
const { 'retry-interval': retryInterval, 'retry-count': retryCount, keepalive } = CLIENT_OPTIONS;

const span = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
const count = (describe: string) => ({ type: 'number', requiresArg: true, describe, whole: [0, 10_000] }) as const;

export const SIMULATE_OPTIONS = {
  ...PLACE,
  publishers: count('Sensors that publish; default: 10, where nothing else is said'),
  sleepers: count('Sensors that sleep, and get commands'),
  subscribers: count('Clients that are subscribed to what the others publish'),
  duration: span('How long it goes; default 1m'),
  messages: {
    type: 'number',
    requiresArg: true,
    describe: 'Or until each has published so many',
    whole: [1, 1_000_000],
  },
  ramp: span('Until all have begun; default: at once'),
  interval: span('From one message of a sensor to the next; default 10s'),
  sleep: span('How long sleepers sleep; default 30s'),
  qos: { alias: 'q', type: 'number', requiresArg: true, choices: [0, 1, 2], describe: 'QoS of messages; default 1' },
  payload: { type: 'number', requiresArg: true, describe: 'Octets of each; default 20', whole: [0, 60_000] },
  topic: { alias: 't', ...span('Topic, with %c for the client id; default sim/%c/value') },
  loss: span('Part of the frames that are lost on the radio, such as 5%'),
  duplicate: span('Part of the frames that come twice'),
  delay: span('Each frame is late by up to so much, such as 200ms'),
  reboots: span('Each sensor loses power so often on average, such as 10m'),
  nat: span('The address of each sensor changes so often on average'),
  'id-prefix': {
    type: 'string',
    requiresArg: true,
    describe: 'Client ids are this and a number; default: sim- and four digits',
    notEmpty: true,
  },
  seed: { type: 'number', requiresArg: true, describe: 'The same chance again', whole: [0, 4_294_967_295] },
  'max-lost': {
    type: 'number',
    requiresArg: true,
    default: 0,
    describe: 'Messages that may be lost',
    whole: [0, 1_000_000_000],
  },
  'retry-interval': retryInterval,
  'retry-count': retryCount,
  keepalive,
  quiet: { type: 'boolean', default: false, describe: 'No progress' },
  json: { type: 'boolean', default: false, describe: 'The summary as JSON' },
} as const satisfies OptionTable;

export type SimulateArguments = Omit<OptionValues<typeof SIMULATE_OPTIONS>, 'url'> & {
  readonly url?: undefined;
  readonly profile: string | undefined;
};
