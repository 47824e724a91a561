/** `access test`: which access rule decides, and what it says. */
import type { Argv, CommandModule } from 'yargs';
import { type AccessAction, type AccessTest, AccessTestProblem, testAccess } from '../app/access-test.ts';
import { loadSettings } from '../config/load.ts';
import type { Settings } from '../config/schema.ts';
import type { CommandFacts } from './command-line.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';

const OPTIONS = {
  config: {
    alias: 'c',
    type: 'string',
    requiresArg: true,
    describe: 'File with the settings (YAML); without it that of MQTTSN_CONFIG, or none',
  },
  client: { type: 'string', requiresArg: true, notEmpty: true, describe: 'Client id; without it a sender of QoS −1' },
  identity: { type: 'string', requiresArg: true, notEmpty: true, describe: 'Proven identity; without it none' },
  host: {
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'Address of the client, or its forwarder',
  },
  transport: {
    type: 'string',
    requiresArg: true,
    describe: 'Name of the transport; without it the first that fits: DTLS with an identity, another one without',
  },
  forwarder: { type: 'boolean', default: false, describe: 'It is behind the forwarder at that address' },
  qos: {
    type: 'number',
    requiresArg: true,
    choices: [-1, 0, 1, 2],
    describe: 'QoS of a publish or subscription; 0, without a client id −1',
  },
  retain: { type: 'boolean', default: false, describe: 'The publish has Retain' },
  octets: { type: 'number', requiresArg: true, whole: [0, 65_535], default: 0, describe: 'Octets of its payload' },
} as const satisfies OptionTable;

type Asked = OptionValues<typeof OPTIONS> & { readonly action: string; readonly topic?: string | undefined };

/** The options are wrong, or make no question. */
const EXIT_USAGE = 2;
const EXIT_DENIED = 1;

const ACTIONS = ['connect', 'publish', 'subscribe', 'read'] as const;

/** Prints what decides; the exit code is 0 where it is granted, 1 where it is not. */
export const accessCommand: CommandModule & CommandFacts = {
  missing: 'access test what? Such as: access test --client sensor-1 publish sensors/1',
  command: 'access <test> <action> [topic]',
  describe: 'Say which access rule decides what a client may do',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 access test [options] <action> [topic]\n\nSays what decides whether a client may do something. The exit code is 0 where it is granted, 1 where it is denied, 2 where the question or the settings are wrong. How much it has published lately, and how many sessions there are, is not asked.',
      )
      .positional('test', { choices: ['test'] as const, demandOption: true, describe: 'The only thing there is' })
      .positional('action', { choices: ACTIONS, demandOption: true, describe: 'What the client would do' })
      .positional('topic', { type: 'string', describe: 'Topic, or filter to subscribe to' })
      .options(OPTIONS)
      .example('$0 access test -c gateway.yaml --client s1 publish sensors/s1', 'Whether s1 may publish there')
      .example('$0 access test --identity pump --host 10.0.0.7 --client pump subscribe "#"', 'Anything it may read'),
  handler: (values: { readonly _?: readonly unknown[]; readonly topic?: unknown }) => {
    // What stands behind -- is a topic as well: one that begins with a hyphen.
    const options = { ...values, topic: values.topic ?? values._?.at(1) } as unknown as Asked;
    try {
      checkOptions(OPTIONS, values);
      const { config, client: clientId, identity, host, transport, forwarder: isForwarded } = options;
      const { settings } = loadSettings({ file: config, environment: process.env, workingFolder: process.cwd() });
      const hasClientId = clientId !== undefined || isSetByIdentity(settings, identity);
      const action = actionOf(options, hasClientId);
      const test = testAccess(settings, { clientId, identity, host, transport, isForwarded }, action);
      for (const remark of test.remarks) {
        process.stderr.write(`note: ${remark}\n`);
      }
      process.stdout.write(`${wordsOf(test, options)}\n`);
      process.exitCode = test.answer?.isGranted === false ? EXIT_DENIED : 0;
    } catch (error) {
      if (!(error instanceof OptionProblem || error instanceof AccessTestProblem)) {
        throw error;
      }
      process.stderr.write(`${error.message}\n`);
      process.exitCode = EXIT_USAGE;
    }
  },
};

function isSetByIdentity({ access }: Settings, identity: string | undefined): boolean {
  return identity !== undefined && access?.clientIdFromIdentity === 'set';
}

/** One line, or two where no rule fits. */
function wordsOf({ answer, transport }: AccessTest, { client, identity, host }: Asked): string {
  if (answer === undefined) {
    return 'granted: there are no access rules (setting access), so everybody may do everything';
  }
  const { isGranted, rule, reason, limits, clientId } = answer;
  const isOther = clientId !== client ? `; its client id is ${JSON.stringify(clientId)}, for that is its identity` : '';
  const words = isGranted ? [`granted by ${rule}`, ...limits].join('; ') : `denied: ${reason}`;
  const who = `${clientId === undefined ? 'a sender without client id,' : `client ${JSON.stringify(clientId)}`} ${identity === undefined ? 'without identity' : `with identity ${JSON.stringify(identity)}`} at ${host} on ${transport}`;
  return `${words}${isOther}${rule === 'access.default' ? `\nno rule fits ${who}` : ''}`;
}

/** Throws `OptionProblem`. */
function actionOf({ action, topic, qos, retain, octets }: Asked, hasClientId: boolean): AccessAction {
  if (!hasClientId && (action !== 'publish' || (qos ?? -1) !== -1)) {
    const what = action === 'publish' ? `a publish with QoS ${qos}` : action;
    throw new OptionProblem(`${what} needs --client: without a client id there is a publish with QoS −1 alone`);
  }
  if (action === 'connect') {
    if (topic !== undefined) {
      throw new OptionProblem('connect has no topic: access test connect');
    }
    return { what: 'connect' };
  }
  if (topic === undefined || topic === '') {
    throw new OptionProblem(`${action} needs a topic: access test ${action} TOPIC`);
  }
  if (action === 'read') {
    return { what: 'read', topic };
  }
  if (action === 'publish') {
    return { what: 'publish', topic, qos: qos ?? (hasClientId ? 0 : -1), retain, octets };
  }
  if (qos === -1) {
    throw new OptionProblem('a subscription has QoS 0, 1 or 2');
  }
  return { what: 'subscribe', topic, qos: qos ?? 0 };
}
