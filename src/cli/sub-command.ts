/** `sub`: subscribes like mosquitto_sub, over MQTT-SN. */
import type { Argv, CommandModule } from 'yargs';
import { standardErrorLines } from '../app/standard-error.ts';
import type { ReceivedMessage } from '../client/client-options.ts';
import type { ClientTopic } from '../client/client-topic.ts';
import type { Qos } from '../codec/message.ts';
import { filterProblem } from '../config/topic-filter.ts';
import { CLIENT_OPTIONS, clientSettings, clientTopics, TOPIC_IDS, urlTopic } from './client-options.ts';
import { commandClient, connectCommandClient, reportingErrors, withClient } from './client-session.ts';
import type { CommandFacts } from './command-line.ts';
import { gatewayAddress } from './gateway-options.ts';
import { type FormatPart, formatted, messageFormat } from './message-format.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';
import { type SleepPlan, sleepCycles, sleepPlan } from './sleep-cycles.ts';
import { SleepDiary } from './sleep-diary.ts';

/** Exit code where the time of -W is over, as mosquitto_sub has it. */
const EXIT_TIMEOUT = 27;

/** Octets on standard output that may wait for their reader. */
const MAX_UNREAD = 16_777_216;

/** The options of `sub` itself. */
const OWN_OPTIONS = {
  topic: {
    alias: 't',
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'Topic name or filter with + and #; may be repeated',
    notEmpty: true,
  },
  'topic-id': {
    alias: 'T',
    type: 'number',
    array: true,
    nargs: 1,
    describe: 'Pre-defined topic id; may be repeated',
    whole: TOPIC_IDS,
  },
  short: { type: 'boolean', default: false, describe: 'Subscribe to each --topic of two octets as a short topic' },
  qos: { alias: 'q', type: 'number', requiresArg: true, choices: [0, 1, 2], default: 0, describe: 'QoS' },
  verbose: { alias: 'v', type: 'boolean', default: false, describe: 'Print the topic before each payload' },
  format: {
    alias: 'F',
    type: 'string',
    requiresArg: true,
    describe:
      'How a message is printed, in place of -v: %t %p %q %r %m %l %x %X %j %J %I %U, @ and a letter of strftime',
  },
  count: {
    alias: 'C',
    type: 'number',
    requiresArg: true,
    describe: 'End after this many messages',
    whole: [1, Number.MAX_SAFE_INTEGER],
  },
  timeout: {
    alias: 'W',
    type: 'number',
    requiresArg: true,
    describe: 'End after this many seconds, with exit code 27',
    seconds: 'above 0',
  },
  sleep: {
    type: 'string',
    requiresArg: true,
    describe: 'Be a sleeping client: sleep for so long (30s, 5m), wake up shortly before that is over, fetch, sleep on',
  },
  cycles: {
    type: 'number',
    requiresArg: true,
    describe: 'End after waking up this many times',
    whole: [1, 1_000_000],
  },
  // Declared by their mosquitto letters; yargs would read --no-retained as a negation of --retained.
  'skip-retained': { alias: 'R', type: 'boolean', default: false, describe: 'Do not print retained messages' },
  'omit-newline': {
    alias: 'N',
    type: 'boolean',
    default: false,
    describe: 'Print no end of line after a payload',
  },
} as const satisfies OptionTable;

const SUB_OPTIONS = { ...CLIENT_OPTIONS, ...OWN_OPTIONS };

/** The values of all options of `sub`. */
export type SubArguments = OptionValues<typeof SUB_OPTIONS>;

/** What is to be subscribed to, and what to do with what comes. */
export interface SubPlan {
  readonly topics: readonly ClientTopic[];
  readonly qos: Qos;
  readonly verbose: boolean;
  /** How -F wants a message printed. */
  readonly format: readonly FormatPart[] | undefined;
  /** Messages until the end; infinite without -C. */
  readonly count: number;
  /** Milliseconds until the end. */
  readonly timeout: number | undefined;
  readonly retained: boolean;
  readonly newline: boolean;
  /** Absent: an active client. */
  readonly sleep: SleepPlan | undefined;
}

export function subOptions(command: Argv): Argv<SubArguments> {
  return command.options(SUB_OPTIONS);
}

/** Throws `OptionProblem`. */
export function subPlan(values: SubArguments): SubPlan {
  checkOptions(OWN_OPTIONS, values);
  const { 'topic-id': topicIds = [], short, qos, verbose, format, count, timeout } = values;
  const named = urlTopic(values);
  const topic = [...(named === undefined ? [] : [named]), ...(values.topic ?? [])];
  const topics = clientTopics(topic, topicIds, short);
  if (topics.length === 0) {
    throw new OptionProblem('what to? Add --topic or --topic-id');
  }
  for (const filter of topic) {
    const problem = filterProblem(filter);
    if (problem !== undefined) {
      throw new OptionProblem(`"${filter}" cannot be subscribed to: ${problem}`);
    }
  }
  return {
    topics,
    qos,
    verbose,
    format: format === undefined ? undefined : messageFormat(format),
    count: count ?? Number.POSITIVE_INFINITY,
    timeout: timeout === undefined ? undefined : timeout * 1000,
    retained: !values['skip-retained'],
    newline: !values['omit-newline'],
    sleep: sleepPlan(values.sleep, values.cycles),
  };
}

/** A message as it is printed: payload octets as they came. `id:10` stands for a pre-defined topic id. */
export function printed(message: ReceivedMessage, { verbose, format, newline }: SubPlan, now = new Date()): Buffer {
  const { topicName, topicId, data } = message;
  const end = Buffer.from(newline ? '\n' : '');
  if (format !== undefined) {
    return Buffer.concat([formatted(format, message, now), end]);
  }
  const topic = verbose ? `${topicName ?? `id:${topicId}`} ` : '';
  return Buffer.concat([Buffer.from(topic), data, end]);
}

export const subCommand: CommandModule<object, SubArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['subscribe', 'mosquitto_sub', 'mqtt-sn-sub'],
  otherOptions: { filter: 'topic', 'client-id': 'id', topicid: 'topic-id' },
  command: 'sub',
  describe: 'Subscribe to topics through a gateway and print what comes',
  builder: (command: Argv) =>
    subOptions(
      command
        .usage(
          'Usage: $0 sub -t <topic>\n\nSubscribes through an MQTT-SN gateway. Options are those of mosquitto_sub where both have them.',
        )
        .example('$0 sub -t "sensors/#" -v', 'Topics and payloads')
        .example('$0 sub -t "cmd/#" --sleep 30s', 'A sleeping client, and what it hears when it is awake')
        .example('$0 sub -T 10 -C 1', 'One message on a pre-defined topic')
        .example(
          '$0 sub -L mqtt-sn://192.168.1.2/sensors/# -F "@H:@M:@S %t %x"',
          'Time, topic, payload in hexadecimal',
        ),
    ),
  handler: (values) =>
    reportingErrors('sub', { gateway: gatewayAddress(values), quiet: values.quiet }, async () => {
      await subscribeAndPrint(values, subPlan(values));
    }),
};

type Outcome = Error | 'enough' | 'timeout' | 'interrupted';

async function subscribeAndPrint(values: SubArguments, plan: SubPlan): Promise<void> {
  let end: (outcome: Outcome) => void = () => undefined;
  const ended = new Promise<Outcome>((resolve) => {
    end = resolve;
  });
  const notes = standardErrorLines();
  const diary = new SleepDiary(
    (line) => values.quiet || notes.write(`sub: ${line}\n`),
    () => performance.now(),
  );
  let left = plan.count;
  const client = commandClient(
    {
      ...clientSettings(values, 'sub'),
      onMessage: (message) => {
        diary.message();
        if (left === 0 || (message.retain && !plan.retained)) {
          return;
        }
        process.stdout.write(printed(message, plan));
        if (process.stdout.writableLength > MAX_UNREAD) {
          end(new Error(`nobody reads what is printed: ${MAX_UNREAD} octets wait`));
        }
        left -= 1;
        if (left === 0) {
          end('enough');
        }
      },
      onFrame: (direction, frame) => diary.frame(direction, frame),
      onDisconnected: ({ error }) => end(error),
    },
    values.debug,
  );
  const interrupt = (): void => end('interrupted');
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  // EPIPE: whoever read what is printed has enough.
  process.stdout.once('error', interrupt);
  const timer = plan.timeout === undefined ? undefined : setTimeout(() => end('timeout'), plan.timeout);
  const stop = new AbortController();
  const live = async (): Promise<Outcome> => {
    await connectCommandClient(client);
    for (const topic of plan.topics) {
      await client.subscribe(topic, plan.qos);
    }
    if (plan.sleep === undefined) {
      return new Promise<never>(() => undefined);
    }
    const unanswered = await sleepCycles(client, plan.sleep, diary, stop.signal);
    return unanswered === 0
      ? 'enough'
      : new Error(`the gateway left ${unanswered} of ${plan.sleep.cycles} PINGREQ unanswered`);
  };
  try {
    await withClient(client, async () => {
      const living = live();
      living.catch(() => undefined);
      const outcome = await Promise.race([ended, living]);
      stop.abort();
      if (outcome instanceof Error) {
        throw outcome;
      }
      if (outcome === 'timeout') {
        if (!values.quiet) {
          process.stderr.write('sub: timed out\n');
        }
        process.exitCode = EXIT_TIMEOUT;
      }
    });
  } finally {
    stop.abort();
    clearTimeout(timer);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.stdout.off('error', interrupt);
  }
}
