/** `psk`: the pre-shared keys of DTLS clients. */
import type { Argv, CommandModule } from 'yargs';
import type { PskAction } from './change-psk-file.ts';
import type { CommandFacts } from './command-line.ts';

const HELP = `Usage: $0 psk <action>

Makes, lists and removes the pre-shared keys of DTLS clients, in the file that the setting "keys" of the transport names. A running gateway takes what has changed with SIGHUP, or by itself with the setting "watch".`;

/** Changes or shows a file of keys. Throws an `Error` with a code, or `ConfigError`, where that is not possible. */
export const pskCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  missing: 'psk what? psk add <identity>, psk list, or psk remove <identity>',
  command: 'psk <action> [identity]',
  describe: 'Make, list and remove the keys of DTLS clients',
  builder: (command: Argv) =>
    command
      .usage(HELP)
      .positional('action', { choices: ['add', 'list', 'remove'] as const, describe: 'What to do' })
      .positional('identity', { type: 'string', describe: 'Who has the key' })
      .option('file', {
        alias: 'f',
        type: 'string',
        requiresArg: true,
        default: 'psk.yaml',
        describe: 'File of keys; add makes it where there is none',
      })
      .example('$0 psk add sensor-1', 'Makes a key for sensor-1, and prints what the sensor needs')
      .example('$0 psk list --file /etc/mqtt-sn-gateway/psk.yaml', 'The identities that have keys'),
  handler: async ({ action, identity, file }) => {
    // Loaded late: reading YAML takes longer to load than other commands take in all.
    const { changePskFile } = await import('./change-psk-file.ts');
    const who = typeof identity === 'string' ? identity : undefined;
    changePskFile(String(file), action as PskAction, who, (text) => process.stdout.write(text));
  },
};
