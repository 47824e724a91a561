/** The default command: runs the gateway until it is told to stop. */
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Argv, CommandModule } from 'yargs';
import { type LoadOptions, loadSettings } from '../config/load.ts';
import { loadInThread } from '../config/load-in-thread.ts';
import type { CommandFacts } from './command-line.ts';
import { addSettingOptions, assignmentsOf } from './setting-options.ts';

const PROGRAM_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/** Loads the settings and runs the gateway; the exit code of the process is that of the run. Throws `ConfigError`. */
export const runCommand: CommandModule & CommandFacts = {
  command: '$0',
  otherOptions: {
    ...{ port: 'udp-port', url: 'broker', host: 'broker', topics: 'predefined-topics', gwid: 'gateway-id' },
    ...{ file: 'config', settings: 'config', verbose: 'log-level', debug: 'log-level' },
  },
  describe:
    'Run the gateway: MQTT-SN v1.2 over UDP, serial lines and XBee radios on one side, an MQTT broker on the other',
  builder: (command: Argv) =>
    addSettingOptions(
      command.option('config', {
        alias: 'c',
        type: 'string',
        requiresArg: true,
        describe: 'File with the settings (YAML)',
      }),
    )
      .example('$0', 'MQTT-SN on UDP port 1884, embedded broker on 127.0.0.1:1883')
      .example('$0 --broker mqtt://broker.example:1883', 'Forward to another broker')
      .example('$0 --config gateway.yaml --log-level debug', 'Settings from a file, more log lines')
      .epilogue('Every setting: config/README.md. Environment variables MQTTSN_… override the file.'),
  handler: async (values) => {
    const options: LoadOptions = {
      file: typeof values.config === 'string' ? values.config : undefined,
      environment: process.env,
      commandLine: assignmentsOf(values),
      workingFolder: process.cwd(),
      startFolders: [PROGRAM_FOLDER, homedir()],
    };
    const loaded = loadSettings(options);
    // Loaded late: the other commands need neither sockets nor MQTT, and start faster without.
    const { runGateway } = await import('../app/run.ts');
    const { limitHeapGrowth } = await import('../app/heap-growth.ts');
    const ended = limitHeapGrowth();
    process.exitCode = await runGateway(loaded, () => loadInThread(options));
    ended();
  },
};
