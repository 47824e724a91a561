/** `hash-password`: the hash of a password, for the setting `http.users`. */
import type { CommandModule } from 'yargs';
import { askSecret, firstLine } from './ask-secret.ts';
import type { CommandFacts } from './command-line.ts';

/** A password that is shorter is guessed, five times a minute or not. */
const LEAST = 8;

/** Asks for the password twice, or takes the first line of standard input where that is no terminal, and prints the hash. Throws an `Error` with a code. */
export const hashPasswordCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  command: 'hash-password',
  describe: 'Make the hash of a password, for a user of the status page',
  builder: (command) =>
    command
      .usage(
        'Usage: $0 hash-password\n\nAsks for a password, which is not shown, and prints its hash for http.users[].passwordHash. Where standard input is no terminal its first line is the password.',
      )
      .example('$0 hash-password', 'Prints $scrypt$…: put it into the settings, in quotes'),
  handler: async () => {
    const password = process.stdin.isTTY === true ? await askedTwice() : await firstLine(process.stdin);
    if (password.length < LEAST) {
      throw refusal(`a password needs at least ${LEAST} characters, found ${password.length}`);
    }
    const { hashPassword } = await import('../app/password-hash.ts');
    process.stdout.write(`${await hashPassword(password)}\n`);
  },
};

/** What is asked goes to standard error: standard output may be a file. */
async function askedTwice(): Promise<string> {
  const terminal = { input: process.stdin, output: process.stderr };
  const password = await askSecret('Password: ', terminal);
  const again = password === undefined ? undefined : await askSecret('Again: ', terminal);
  if (password === undefined || again === undefined) {
    throw refusal('given up, no hash was made');
  }
  if (password !== again) {
    throw refusal('the two are not the same, no hash was made');
  }
  return password;
}

function refusal(message: string): Error {
  return Object.assign(new Error(message), { code: 'PASSWORD' });
}
