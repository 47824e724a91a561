/** The command line: commands, help, and how mistakes are shown. */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { ConfigError } from '../config/problem.ts';
import { nearest } from '../config/suggestion.ts';

/** What is to be known of a command beside what yargs knows. */
export interface CommandFacts {
  /** What is said where it is given nothing to work on. */
  readonly missing?: string;
  /** What people type who know it from elsewhere. */
  readonly otherNames?: readonly string[];
  /** Options that people type who know them from elsewhere, and ours for each; names without the dashes. */
  readonly otherOptions?: Readonly<Record<string, string>>;
  /** Reads no settings: what is no option of it is none in a file either. */
  readonly withoutSettings?: true;
}

/** A command of yargs, whatever its options are. */
export interface Command extends CommandFacts {
  readonly command?: string | readonly string[] | undefined;
  readonly describe?: string | false | undefined;
  readonly builder?: unknown;
  readonly handler: (values: never) => unknown;
}

/** What the command line writes to, and what it says of the program. */
export interface CommandLineSettings {
  readonly version: string;
  readonly commands: readonly Command[];
  readonly writeError: (text: string) => void;
  /** Columns of the terminal; help is folded there. */
  readonly columns: number;
}

const NAME = 'mqtt-sn-gateway';

/** Settings, options or arguments are wrong: exit code 2. */
const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;

/**
 * Runs the command that the arguments name. Resolves with the exit code where something was wrong, which has been shown by then;
 * with undefined where the command ended by itself. Never rejects.
 */
export async function runCommandLine(
  args: readonly string[],
  settings: CommandLineSettings,
): Promise<number | undefined> {
  const parser: Argv = yargs([...args])
    .scriptName(NAME)
    .usage('Usage: $0 [command] [options]')
    .detectLocale(false)
    .strict()
    .exitProcess(false)
    .wrap(Math.min(settings.columns, 110))
    .version(settings.version)
    .help()
    .command('completion', 'Print a completion script for bash or zsh', {}, (): void => {
      parser.showCompletionScript();
    })
    .check((values, options) => refuseRepeated(values, options as unknown as DeclaredOptions), true)
    .fail((message, error) => {
      // A message without an error, or a YError, is about the arguments; anything else comes from the command itself.
      if (error !== undefined && error !== null && error.name !== 'YError') {
        throw error;
      }
      const said = message ?? error.message;
      const declared = parser.parsed === false ? [] : Object.keys(parser.parsed.aliases);
      const command = commandOf(args, settings.commands);
      const words = missingOf(said, command) ?? unknownOf(said, args, settings.commands, declared) ?? said;
      throw new UsageError(words);
    });
  for (const command of settings.commands) {
    parser.command(command as CommandModule);
  }
  try {
    await parser.parseAsync();
    return undefined;
  } catch (error) {
    const [text, exitCode] = explain(error, commandOf(args, settings.commands));
    settings.writeError(`${text}\n`);
    return exitCode;
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

function firstWord({ command = '' }: Command): string {
  const [text = ''] = [command].flat();
  return text.split(' ')[0] ?? '';
}

/** The command that the arguments name; undefined where that is the one without a name. */
function commandOf(args: readonly string[], commands: readonly Command[]): Command | undefined {
  return commands.find((command) => args[0] === firstWord(command));
}

/** What is said where a command has not what it is to work on; undefined where `message` is about something else. */
function missingOf(message: string, command: Command | undefined): string | undefined {
  if (command === undefined || !message.startsWith('Not enough non-option arguments')) {
    return undefined;
  }
  return command.missing ?? `${firstWord(command)} needs more: ${NAME} ${[command.command].flat()[0]}`;
}

interface DeclaredOptions {
  readonly array: readonly string[];
  readonly key: Readonly<Record<string, unknown>>;
}

/** An option that is given twice would become a list: nobody means that, save where a list is declared. */
function refuseRepeated(values: Readonly<Record<string, unknown>>, declared: DeclaredOptions): true {
  for (const [name, value] of Object.entries(values)) {
    if (
      name === '_' ||
      name.length === 1 ||
      !Array.isArray(value) ||
      declared.array.includes(name) ||
      !Object.hasOwn(declared.key, name)
    ) {
      continue;
    }
    throw new UsageError(`--${name} is given ${value.length} times`);
  }
  return true;
}

/**
 * What is said of unknown options and words, each as it was written, with the one that was probably meant; undefined where `message` is about
 * something else.
 */
function unknownOf(
  message: string,
  args: readonly string[],
  commands: readonly Command[],
  declared: readonly string[],
): string | undefined {
  const names = /^Unknown (?:arguments?|commands?): (.*)$/.exec(message)?.[1]?.split(', ');
  if (names === undefined) {
    return undefined;
  }
  const [first = ''] = args;
  const meantCommand = names.includes(first) ? commandMeant(first, commands) : undefined;
  if (meantCommand !== undefined && !names.some((name) => name !== first && args.includes(name))) {
    // Its options are those of another command: nothing is wrong with them.
    return `Unknown argument: ${first} (did you mean ${meantCommand}?)`;
  }
  const command = commandOf(args, commands) ?? commands.find((one) => firstWord(one) === '$0');
  const readsSettings = command?.withoutSettings !== true;
  const optionNames = declared.filter(
    (name) => name.length > 1 && name === name.toLowerCase() && !names.includes(name),
  );
  const lines: string[] = [];
  let mayBeSetting = false;
  // What yargs says of an option with a hyphen names it a second time, in camel case.
  for (const name of names.filter((each) => !names.some((other) => other !== each && camelCase(other) === each))) {
    const isWord = args.includes(name);
    const meant = isWord
      ? (commandMeant(name, commands) ?? fileMeant(name, command))
      : (command?.otherOptions?.[name] ?? nearest(name, optionNames));
    mayBeSetting ||= !isWord && meant === undefined;
    const written = isWord ? name : `${name.length === 1 ? '-' : '--'}${name}`;
    const hint = meant === undefined ? '' : ` (did you mean ${isWord ? meant : `--${meant}`}?)`;
    lines.push(`Unknown ${isWord ? 'argument' : 'option'}: ${written}${hint}`);
  }
  return [...lines, ...(mayBeSetting && readsSettings ? [OTHER_SETTINGS] : [])].join('\n');
}

/** The command that a word probably means. */
function commandMeant(word: string, commands: readonly Command[]): string | undefined {
  const known = commands.find(({ otherNames = [] }) => otherNames.includes(word.toLowerCase()));
  return known === undefined ? nearest(word, commands.map(firstWord)) : firstWord(known);
}

/** Where the gateway is started: a file of settings stands behind an option. */
function fileMeant(word: string, command: Command | undefined): string | undefined {
  return command !== undefined && firstWord(command) === '$0' && /\.(ya?ml|json)$/i.test(word)
    ? `--config ${word}`
    : undefined;
}

const OTHER_SETTINGS =
  'Settings that are no options: in the file of --config, or as MQTTSN_… variables (config/README.md)';

function camelCase(name: string): string {
  return name.replace(/-+(.)/g, (_hyphens, letter: string) => letter.toUpperCase());
}

/** `command`: whose help says more; undefined: that of the program. */
function explain(error: unknown, command: Command | undefined): [text: string, exitCode: number] {
  if (error instanceof ConfigError) {
    return [error.message, EXIT_USAGE];
  }
  if (error instanceof UsageError) {
    const help = command === undefined ? '--help' : `${firstWord(command)} --help`;
    return [`${error.message}\nTry: ${NAME} ${help}`, EXIT_USAGE];
  }
  if (!(error instanceof Error)) {
    return [String(error), EXIT_FAILURE];
  }
  // With a code it comes from the environment (a port in use, …), and says enough; without one it is a defect of ours.
  const text = 'code' in error ? error.message : (error.stack ?? error.message);
  return [`${NAME}: ${text}`, EXIT_FAILURE];
}
