/** `import`: settings of another gateway as ours. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { migrate } from '../config/migrate/migrate.ts';
import { ConfigError } from '../config/problem.ts';
import { settingsText, topicsText } from '../config/settings-text.ts';
import { readTextFile } from '../config/text-file.ts';
import type { CommandFacts } from './command-line.ts';

const TOPICS = 'predefined-topics.yaml';
const IS_THERE = 'is there already: --force writes over it';
/** What is longer is no configuration of a gateway. */
const MAX_OCTETS = 1_048_576;

/** Prints the settings, or writes them where --output says; what could not be carried over goes to standard error, and into the file. */
export const importCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  missing: 'import what? The configuration of another gateway: mqtt-sn-gateway import gateway.conf',
  otherNames: ['migrate', 'convert'],
  command: 'import <file>',
  describe: 'Turn the configuration of another gateway (Eclipse Paho, bisquitt, EMQX, cc.mqttsn) into ours',
  builder: (command: Argv) =>
    command
      .positional('file', { type: 'string', demandOption: true, describe: 'gateway.conf, an environment file, JSON …' })
      .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'File to write; default: print it' })
      .option('force', { type: 'boolean', default: false, describe: 'Write over files that are there' })
      .example('$0 import /etc/paho/gateway.conf -o gateway.yaml', 'Then: mqtt-sn-gateway check-config gateway.yaml'),
  handler: ({ file, output, force }) => {
    const path = String(file);
    const text = readText(path);
    const beside = (named: string): string => (isAbsolute(named) ? named : join(dirname(path), named));
    const { gateway, settings, topics, notes } = wordsOf(path, () =>
      migrate(text, (named) => {
        try {
          return readFileSync(beside(named), 'utf8');
        } catch {
          return undefined;
        }
      }),
    );
    // Our file names others by their place from its own folder.
    const fromOurs = (named: string): string =>
      isAbsolute(named) || typeof output !== 'string' ? named : relative(dirname(output), named);
    const named =
      typeof settings.predefinedTopics === 'string'
        ? { predefinedTopics: fromOurs(beside(settings.predefinedTopics)) }
        : {};
    const ours = {
      ...settings,
      ...named,
      ...(topics !== undefined && !('predefinedTopics' in settings) && { predefinedTopics: TOPICS }),
    };
    const heading = [
      `Settings of the MQTT-SN gateway, from those of ${gateway}.`,
      ...notes.map((note) => `Not carried over, or to be looked at: ${note}`),
    ];
    const written = settingsText(ours, { lines: heading });
    const topicsWritten = topics && topicsText(topics, `Pre-defined topic ids, from ${gateway}.`);
    if (typeof output === 'string') {
      const topicsFile = join(dirname(output), TOPICS);
      if (topicsWritten !== undefined && force !== true && existsSync(topicsFile)) {
        throw problem(topicsFile, IS_THERE); // before one of both is written
      }
      write(output, written, force === true);
      if (topicsWritten !== undefined) {
        write(topicsFile, topicsWritten, force === true);
      }
    } else {
      process.stdout.write(topicsWritten === undefined ? written : `${written}\n# ---- ${TOPICS}\n${topicsWritten}`);
    }
    for (const note of notes) {
      process.stderr.write(`${note}\n`);
    }
  },
};

function readText(path: string): string {
  const read = readTextFile(path, MAX_OCTETS);
  if ('reason' in read) {
    throw problem(path, `cannot be read: ${read.reason}`);
  }
  return read.text;
}

function wordsOf<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw problem(path, (error as Error).message);
  }
}

/** Throws `ConfigError` where there is such a file and it may not be written over. */
export function write(path: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx', mode: 0o644 });
    process.stderr.write(`${path} is written\n`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw problem(path, code === 'EEXIST' ? IS_THERE : message);
  }
}

function problem(source: string, message: string): ConfigError {
  return new ConfigError([{ source, message }]);
}
