/** `init`: a first file of settings, from options or from answers. */
import { createInterface } from 'node:readline/promises';
import type { Argv, CommandModule } from 'yargs';
import { settingsText } from '../config/settings-text.ts';
import type { CommandFacts } from './command-line.ts';
import { write } from './import-command.ts';
import { checkOptions, type OptionTable, type OptionValues } from './option-table.ts';

const OPTIONS = {
  broker: {
    alias: 'b',
    type: 'string',
    requiresArg: true,
    describe: 'URL of the broker; absent: the embedded one',
    notEmpty: true,
  },
  username: { alias: 'u', type: 'string', requiresArg: true, describe: 'User name at the broker', notEmpty: true },
  'password-file': { type: 'string', requiresArg: true, describe: 'File that has the password alone', notEmpty: true },
  ca: { type: 'string', requiresArg: true, describe: 'Certificate of the authority (mqtts:)', notEmpty: true },
  'udp-port': { alias: 'p', type: 'number', requiresArg: true, describe: 'UDP port', whole: [1, 65_535] },
  serial: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Serial line: device, or tcp://host:port',
    notEmpty: true,
  },
  xbee: { type: 'string', array: true, requiresArg: true, describe: 'XBee module in API mode: device', notEmpty: true },
  baud: { type: 'number', requiresArg: true, describe: 'Speed of the lines', whole: [1, 4_000_000] },
  'predefined-topics': {
    alias: 'T',
    type: 'string',
    requiresArg: true,
    describe: 'File with pre-defined topic ids',
    notEmpty: true,
  },
  'home-assistant': { type: 'boolean', describe: 'Devices in Home Assistant' },
  output: {
    alias: 'o',
    type: 'string',
    requiresArg: true,
    default: 'gateway.yaml',
    describe: 'File to write; - prints it',
    notEmpty: true,
  },
  force: { type: 'boolean', default: false, describe: 'Write over a file that is there' },
} as const satisfies OptionTable;

/** What the settings are made from. */
export type InitAnswers = Partial<OptionValues<typeof OPTIONS>>;

/** Writes the file, and says how to go on. Throws `ConfigError` where it cannot be written. */
export const initCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  otherNames: ['setup', 'configure', 'new', 'create'],
  command: 'init',
  describe: 'Write a first file of settings: asks, or takes options',
  builder: (command: Argv) =>
    command
      .options(OPTIONS)
      .example('$0 init', 'Asks')
      .example(
        '$0 init -b mqtts://broker.example -u gateway --password-file broker-password --serial /dev/ttyUSB0',
        '',
      ),
  handler: async (values) => {
    const given = values as InitAnswers;
    checkOptions(OPTIONS, given);
    const isAnswered = Object.keys(OPTIONS).some(
      (name) => !['output', 'force'].includes(name) && given[name as keyof InitAnswers] !== undefined,
    );
    const answers = isAnswered || !process.stdin.isTTY ? given : { ...given, ...(await ask()) };
    const text = initialSettings(answers);
    const output = given.output ?? 'gateway.yaml';
    if (output === '-') {
      process.stdout.write(text);
      return;
    }
    write(output, text, given.force === true);
    process.stderr.write(
      `Next: mqtt-sn-gateway check-config ${output}, mqtt-sn-gateway doctor ${output}, mqtt-sn-gateway --config ${output}\n`,
    );
  },
};

/** The file for these answers. */
export function initialSettings(answers: InitAnswers): string {
  const { broker, username, ca, serial = [], xbee = [], baud } = answers;
  const udpPort = answers['udp-port'];
  const upstream = { url: broker, username, passwordFile: answers['password-file'], ca };
  const transports = [
    { type: 'udp', port: udpPort ?? 1884 },
    ...serial.map((path) => ({
      type: 'serial',
      path,
      baudRate: path.startsWith('tcp:') ? undefined : (baud ?? 115_200),
    })),
    ...xbee.map((path) => ({
      type: 'xbee',
      path,
      baudRate: path.startsWith('tcp:') ? undefined : (baud ?? 38_400),
      apiMode: 2,
    })),
  ];
  const settings = {
    ...(Object.values(upstream).some((value) => value !== undefined) && { upstream: present(upstream) }),
    transports: transports.map(present),
    ...(answers['predefined-topics'] !== undefined && { predefinedTopics: answers['predefined-topics'] }),
    ...(answers['home-assistant'] === true && { homeAssistant: { enabled: true } }),
  };
  const lines = [
    'Settings of the MQTT-SN gateway. What is not here is as config/README.md says; files are relative to this one.',
    ...(broker === undefined ? ['No broker is named: the embedded one is used, which is for a first try.'] : []),
    'A password: in the environment variable MQTTSN_UPSTREAM_PASSWORD, or in a file of its own (upstream.passwordFile).',
  ];
  return settingsText(settings, { lines });
}

function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Asks on the terminal. */
async function ask(): Promise<InitAnswers> {
  const { listPorts } = await import('../app/serial-ports.ts');
  const { questions } = await import('./init-questions.ts');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await questions({
      ask: (question) => terminal.question(question),
      say: (line) => process.stderr.write(`${line}\n`),
      ports: await listPorts(),
    });
  } finally {
    terminal.close();
  }
}
