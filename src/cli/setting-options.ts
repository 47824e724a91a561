/** The command-line options that set a setting. What they mean, and what they accept, is said by the schema. */
import type { Argv } from 'yargs';
import { fromText } from '../config/environment.ts';
import { ANY_INDEX, pathText, SETTINGS, type Setting } from '../config/setting-list.ts';
import type { Assignment } from '../config/settings-tree.ts';

interface SettingOption {
  readonly name: string;
  readonly alias?: string;
  readonly setting: Setting;
}

const SETTING_OPTIONS: readonly SettingOption[] = [
  { name: 'broker', alias: 'b', setting: settingNamed('upstream.url') },
  { name: 'udp-port', alias: 'p', setting: settingNamed('transports[].port') },
  { name: 'predefined-topics', alias: 'T', setting: settingNamed('predefinedTopics') },
  { name: 'gateway-id', setting: settingNamed('gateway.id') },
  { name: 'log-level', setting: settingNamed('logging.level') },
];

/** Their names, without the dashes. */
export const SETTING_OPTION_NAMES: readonly string[] = SETTING_OPTIONS.map(({ name }) => name);

/** Values of the options; all as they were typed. */
export type OptionValues = Readonly<Record<string, unknown>>;

/** Lets a command be told a file of settings, by itself or as --config; see `settingsFile`. */
export function addSettingsFile(command: Argv) {
  return command
    .positional('file', {
      type: 'string',
      describe: 'File with the settings (YAML); without it that of MQTTSN_CONFIG, or none',
    })
    .option('config', {
      alias: 'c',
      type: 'string',
      requiresArg: true,
      describe: 'The same as [file]',
      conflicts: 'file',
    });
}

/** The file that the command was told; undefined: none. */
export function settingsFile({ file, config }: OptionValues): string | undefined {
  const named = file ?? config;
  return typeof named === 'string' ? named : undefined;
}

/** Adds the options to a command. */
export function addSettingOptions<T>(command: Argv<T>): Argv<T> {
  for (const { name, alias, setting } of SETTING_OPTIONS) {
    const defaultText = setting.defaultValue === undefined ? undefined : String(setting.defaultValue);
    command.option(name, {
      ...(alias === undefined ? {} : { alias }),
      ...(setting.choices === undefined ? {} : { choices: setting.choices }),
      ...(defaultText === undefined ? {} : { defaultDescription: defaultText }),
      type: 'string',
      requiresArg: true,
      describe: `${setting.description.split(/[.;:](\s|$)/)[0]} (${pathText(setting.path)})`,
      group: 'Settings:',
    });
  }
  return command;
}

/** What the options set. `udp-port` is that of the first UDP transport. */
export function assignmentsOf(values: OptionValues): Assignment[] {
  return SETTING_OPTIONS.flatMap(({ name, setting }) => {
    const value = values[name];
    if (typeof value !== 'string') {
      return [];
    }
    return [
      { path: setting.path, value: fromText(setting, value), origin: 'command line' as const, source: `--${name}` },
    ];
  });
}

/** The options as they are typed, by path of the setting that they set; for the documentation. */
export function optionsBySetting(): ReadonlyMap<string, string> {
  return new Map(
    SETTING_OPTIONS.map(({ name, alias, setting }) => [
      pathText(setting.path),
      `\`--${name}\`${alias === undefined ? '' : `, \`-${alias}\``}${setting.path.includes(ANY_INDEX) ? ' (first UDP transport)' : ''}`,
    ]),
  );
}

function settingNamed(path: string): Setting {
  const setting = SETTINGS.find((candidate) => pathText(candidate.path) === path);
  if (setting === undefined) {
    throw new Error(`the schema has no setting ${path}`);
  }
  return setting;
}
