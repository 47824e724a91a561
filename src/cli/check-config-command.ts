/** `check-config`: every problem of the settings, or all that are in effect. */
import type { Argv, CommandModule } from 'yargs';
import { settingsJsonSchema } from '../config/describe-settings.ts';
import { describeLoaded } from '../config/effective-settings.ts';
import { loadSettings } from '../config/load.ts';
import type { CommandFacts } from './command-line.ts';
import { addSettingOptions, addSettingsFile, assignmentsOf, settingsFile } from './setting-options.ts';

/** Prints the settings in effect with the origin of each, or throws `ConfigError` with all problems. */
export const checkConfigCommand: CommandModule & CommandFacts = {
  otherNames: ['check', 'validate', 'test-config', 'config'],
  command: 'check-config [file]',
  describe: 'Check the settings, and show all that are in effect',
  builder: (command: Argv) =>
    addSettingOptions(
      addSettingsFile(command).option('schema', {
        type: 'boolean',
        describe: 'Print the JSON Schema of the file, for editors',
      }),
    )
      .example('$0 check-config gateway.yaml', 'Every problem, or every setting and where it comes from')
      .example('$0 check-config --schema > gateway.schema.json', 'JSON Schema for an editor'),
  handler: (values) => {
    if (values.schema === true) {
      process.stdout.write(settingsJsonSchema());
      return;
    }
    const loaded = loadSettings({
      file: settingsFile(values),
      environment: process.env,
      commandLine: assignmentsOf(values),
      workingFolder: process.cwd(),
    });
    process.stdout.write(describeLoaded(loaded));
  },
};
