/** `pub`: publishes like mosquitto_pub, over MQTT-SN. */
import type { Argv, CommandModule } from 'yargs';
import { RejectedError } from '../client/client-error.ts';
import type { ClientTopic } from '../client/client-topic.ts';
import type { MqttSnClient } from '../client/mqtt-sn-client.ts';
import type { QosFlag } from '../codec/message.ts';
import { shortTopicId } from '../codec/short-topic.ts';
import { boundedLines } from './bounded-lines.ts';
import { CLIENT_OPTIONS, clientSettings, clientTopics, TOPIC_IDS, urlTopic } from './client-options.ts';
import { commandClient, connectCommandClient, reportingErrors, withClient } from './client-session.ts';
import type { CommandFacts } from './command-line.ts';
import { gatewayAddress } from './gateway-options.ts';
import { MOST_INPUT, readInputFile } from './input-file.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';

/** Most repetitions. */
const MAX_REPEAT = 1_000_000;

/** The options of `pub` itself. */
const OWN_OPTIONS = {
  topic: { alias: 't', type: 'string', requiresArg: true, describe: 'Topic name', notEmpty: true },
  'topic-id': {
    alias: 'T',
    type: 'number',
    requiresArg: true,
    describe: 'Pre-defined topic id, instead of a name',
    whole: TOPIC_IDS,
  },
  short: { type: 'boolean', default: false, describe: 'Send the --topic of two octets as a short topic' },
  qos: {
    alias: 'q',
    type: 'number',
    requiresArg: true,
    choices: [-1, 0, 1, 2],
    default: 0,
    describe: 'QoS; -1 publishes without connecting',
  },
  message: { alias: 'm', type: 'string', describe: 'Payload' },
  file: { alias: 'f', type: 'string', requiresArg: true, describe: 'File with the payload' },
  'stdin-file': { alias: 's', type: 'boolean', describe: 'Payload from standard input' },
  'stdin-line': { alias: 'l', type: 'boolean', describe: 'One message for each line of standard input' },
  'null-message': { alias: 'n', type: 'boolean', describe: 'Empty payload' },
  retain: { alias: 'r', type: 'boolean', default: false, describe: 'Retain the message at the broker' },
  repeat: {
    type: 'number',
    requiresArg: true,
    default: 1,
    describe: 'Publish this many times',
    whole: [1, MAX_REPEAT],
  },
  'repeat-delay': {
    type: 'number',
    requiresArg: true,
    default: 0,
    describe: 'Seconds between repetitions',
    seconds: 'from 0',
  },
} as const satisfies OptionTable;

const PUB_OPTIONS = { ...CLIENT_OPTIONS, ...OWN_OPTIONS };

/** The values of all options of `pub`. */
export type PubArguments = OptionValues<typeof PUB_OPTIONS>;

/** Where the payload comes from. */
export type PayloadSource =
  | { readonly from: 'text'; readonly text: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'stdin' | 'stdin-lines' };

/** What is to be published. */
export interface PubPlan {
  readonly topic: ClientTopic;
  readonly qos: QosFlag;
  readonly retain: boolean;
  readonly source: PayloadSource;
  readonly repeat: number;
  /** Milliseconds between two repetitions. */
  readonly repeatDelay: number;
}

export function pubOptions(command: Argv): Argv<PubArguments> {
  return command.options(PUB_OPTIONS);
}

/** Throws `OptionProblem`. */
export function pubPlan(values: PubArguments): PubPlan {
  checkOptions(OWN_OPTIONS, values);
  const { 'topic-id': topicId, qos, retain, repeat } = values;
  const named = urlTopic(values);
  if (named !== undefined && values.topic !== undefined) {
    throw new OptionProblem('--url names a topic: leave --topic away');
  }
  const topic = named ?? values.topic;
  if ((topic === undefined) === (topicId === undefined)) {
    throw new OptionProblem(
      topic === undefined
        ? 'where to? Add --topic or --topic-id'
        : `${named === undefined ? '--topic' : 'the topic of --url'} and --topic-id exclude each other`,
    );
  }
  // §6.8: with QoS -1 a name of two octets can go as a short topic only.
  const short = values.short || (qos === -1 && topic !== undefined && shortTopicId(topic) !== undefined);
  const [target] = clientTopics(topic === undefined ? [] : [topic], topicId === undefined ? [] : [topicId], short);
  if (target === undefined || (qos === -1 && 'name' in target)) {
    throw new OptionProblem('QoS -1 needs --topic-id or a topic of two octets: nobody registers a name for it');
  }
  if (qos === -1 && values.id !== undefined) {
    throw new OptionProblem(
      'QoS -1 carries no client id: leave --id away (of pre-defined topic ids those under "*" count)',
    );
  }
  if (qos === -1 && values['will-topic'] !== undefined) {
    throw new OptionProblem('QoS -1 makes no connection, which a will needs: leave --will-topic away');
  }
  if (topic !== undefined && /[+#]/.test(topic)) {
    throw new OptionProblem(`a message cannot be published to the wildcard "${topic}"`);
  }
  return {
    topic: target,
    qos,
    retain,
    source: payloadSource(values),
    repeat,
    repeatDelay: values['repeat-delay'] * 1000,
  };
}

function payloadSource(values: PubArguments): PayloadSource {
  const sources: PayloadSource[] = [];
  if (values.message !== undefined) {
    sources.push({ from: 'text', text: values.message });
  }
  if (values.file !== undefined) {
    sources.push({ from: 'file', path: values.file });
  }
  if (values['stdin-file'] === true) {
    sources.push({ from: 'stdin' });
  }
  if (values['stdin-line'] === true) {
    sources.push({ from: 'stdin-lines' });
  }
  if (values['null-message'] === true) {
    sources.push({ from: 'text', text: '' });
  }
  const [source] = sources;
  if (source === undefined || sources.length > 1) {
    throw new OptionProblem(
      'say once what to publish: --message, --file, --stdin-file, --stdin-line or --null-message',
    );
  }
  return source;
}

export const pubCommand: CommandModule<object, PubArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['publish', 'mosquitto_pub', 'mqtt-sn-pub'],
  otherOptions: { payload: 'message', msg: 'message', 'client-id': 'id', topicid: 'topic-id' },
  command: 'pub',
  describe: 'Publish messages through a gateway',
  builder: (command: Argv) =>
    pubOptions(
      command
        .usage(
          'Usage: $0 pub -t <topic> -m <message>\n\nPublishes through an MQTT-SN gateway. Options are those of mosquitto_pub where both have them.',
        )
        .example('$0 pub -t sensors/1/temp -m 21.5 -q 1', 'Acknowledged by the broker')
        .example('$0 pub -T 10 -q -1 -m 42', 'Without a connection, to a pre-defined topic')
        .example('$0 pub -L mqtt-sn://192.168.1.2/a/b -m hi', 'Gateway and topic as one')
        .example('$0 pub --serial /dev/ttyUSB0 --framing slip -t a/b -m hi', 'Over a serial line'),
    ),
  handler: (values) => {
    const gateway = gatewayAddress(values);
    return reportingErrors('pub', { gateway, quiet: values.quiet }, async () => {
      const plan = pubPlan(values);
      const settings = clientSettings(values, 'pub');
      const messages = payloads(plan.source);
      let rejection: number | undefined;
      const client = commandClient(
        { ...settings, onRejected: ({ returnCode }) => (rejection = returnCode) },
        values.debug,
      );
      await withClient(client, async () => {
        // A file that cannot be read is said before anybody is bothered.
        const first = await messages.next();
        if (plan.qos !== -1) {
          await connectCommandClient(client);
        }
        for (let message = first; message.done !== true; message = await messages.next()) {
          await publishRepeatedly(client, plan, message.value);
        }
      });
      if (rejection !== undefined) {
        throw new RejectedError('PUBLISH', rejection);
      }
    });
  },
};

async function publishRepeatedly(
  client: MqttSnClient,
  { topic, qos, retain, repeat, repeatDelay }: PubPlan,
  payload: Uint8Array,
): Promise<void> {
  for (let n = 0; n < repeat; n += 1) {
    if (n > 0 && repeatDelay > 0) {
      await new Promise((resolve) => setTimeout(resolve, repeatDelay));
    }
    await client.publish(topic, payload, { qos, retain });
  }
}

async function* payloads(source: PayloadSource): AsyncGenerator<Uint8Array> {
  switch (source.from) {
    case 'text':
      yield Buffer.from(source.text);
      break;
    case 'file':
      yield readInputFile('--file', source.path);
      break;
    case 'stdin': {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of process.stdin) {
        size += chunk.length;
        if (size > MOST_INPUT) {
          throw new Error(`standard input has more than ${MOST_INPUT} octets: that is no message`);
        }
        chunks.push(Buffer.from(chunk));
      }
      yield Buffer.concat(chunks);
      break;
    }
    case 'stdin-lines':
      yield* boundedLines(
        process.stdin,
        MOST_INPUT,
        () => new Error(`a line of standard input has more than ${MOST_INPUT} octets: that is no message`),
      );
      break;
    default:
      source satisfies never;
  }
}
