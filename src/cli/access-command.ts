/** `access test`: which access rule decides, and what it says. */
import type { Argv, CommandModule } from 'yargs';
import { type AccessAction, testAccess } from '../app/access-test.ts';
import { loadSettings } from '../config/load.ts';
import type { CommandFacts } from './command-line.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';

const OPTIONS = {
  config: {
    alias: 'c',
    type: 'string',
    requiresArg: true,
    describe: 'File with the settings (YAML); without it that of MQTTSN_CONFIG, or none',
  },
  client: { type: 'string', requiresArg: true, describe: 'Client id; without it a sender of QoS −1' },
  identity: { type: 'string', requiresArg: true, notEmpty: true, describe: 'Proven identity; without it none' },
  host: {
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'Address of the client, or its forwarder',
  },
  transport: { type: 'string', requiresArg: true, default: 'udp', describe: 'Name of the transport' },
  forwarder: { type: 'boolean', default: false, describe: 'It is behind the forwarder at that address' },
  qos: { type: 'number', requiresArg: true, choices: [-1, 0, 1, 2], default: 0, describe: 'QoS of a publish' },
  retain: { type: 'boolean', default: false, describe: 'The publish has Retain' },
  octets: { type: 'number', requiresArg: true, whole: [0, 65_535], default: 0, describe: 'Octets of its payload' },
} as const satisfies OptionTable;

type Asked = OptionValues<typeof OPTIONS> & { readonly action: string; readonly topic?: string };

/** The options are wrong. */
const EXIT_USAGE = 2;

const ACTIONS = ['connect', 'publish', 'subscribe', 'read'] as const;

/** Prints what decides; the exit code is 0 where it is granted, 1 where it is not. */
export const accessCommand: CommandModule & CommandFacts = {
  missing: 'access test what? Such as: access test --client sensor-1 publish sensors/1',
  command: 'access <test> <action> [topic]',
  describe: 'Say which access rule decides what a client may do',
  builder: (command: Argv) =>
    command
      .usage('Usage: $0 access test [options] <action> [topic]')
      .positional('test', { choices: ['test'] as const, demandOption: true, describe: 'The only thing there is' })
      .positional('action', { choices: ACTIONS, demandOption: true, describe: 'What the client would do' })
      .positional('topic', { type: 'string', describe: 'Topic, or filter to subscribe to' })
      .options(OPTIONS)
      .example('$0 access test -c gateway.yaml --client s1 publish sensors/s1', 'Whether s1 may publish there')
      .example('$0 access test --identity pump --host 10.0.0.7 --client pump subscribe "#"', 'Anything it may read'),
  handler: (values) => {
    const options = values as unknown as Asked;
    let action: AccessAction;
    try {
      checkOptions(OPTIONS, values);
      action = actionOf(options);
    } catch (error) {
      if (!(error instanceof OptionProblem)) {
        throw error;
      }
      process.stderr.write(`${error.message}\n`);
      process.exitCode = EXIT_USAGE;
      return;
    }
    const { config, client: clientId, identity, host, transport, forwarder: isForwarded } = options;
    const { settings } = loadSettings({ file: config, environment: process.env, workingFolder: process.cwd() });
    const answer = testAccess(settings, { clientId, identity, host, transport, isForwarded }, action);
    if (answer === undefined) {
      process.stdout.write('granted: there are no access rules (setting access), so everybody may do everything\n');
    } else if (answer.isGranted) {
      process.stdout.write(`granted by ${answer.rule}\n`);
    } else {
      process.stdout.write(`denied: ${answer.reason}\n`);
      process.exitCode = 1;
    }
  },
};

/** Throws `OptionProblem`. */
function actionOf({ action, topic, qos, retain, octets }: Asked): AccessAction {
  if (action === 'connect') {
    return { what: 'connect' };
  }
  if (topic === undefined || topic === '') {
    throw new OptionProblem(`${action} needs a topic: access test ${action} TOPIC`);
  }
  if (action === 'publish') {
    return { what: 'publish', topic, qos, retain, octets };
  }
  return { what: action === 'read' ? 'read' : 'subscribe', topic };
}
