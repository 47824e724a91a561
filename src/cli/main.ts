/** Entry point of the program `mqtt-sn-gateway`. */
import { readFileSync } from 'node:fs';
import { hideBin } from 'yargs/helpers';
import { isJournal } from '../app/standard-error.ts';
import { checkConfigCommand } from './check-config-command.ts';
import { runCommandLine } from './command-line.ts';
import { decodeCommand } from './decode-command.ts';
import { portsCommand } from './ports-command.ts';
import { pubCommand } from './pub-command.ts';
import { runCommand } from './run-command.ts';
import { subCommand } from './sub-command.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// Whoever reads may go away (`| head`): that is no reason for a stack trace. What could not be written for another reason is a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.exitCode = 1;
  }
});
process.stderr.on('error', () => undefined);

/** `<3>` is "error" for the journal of systemd. */
const errorPrefix = isJournal(2, process.env) ? '<3>' : '';

const exitCode = await runCommandLine(hideBin(process.argv), {
  version,
  commands: [runCommand, checkConfigCommand, decodeCommand, pubCommand, subCommand, portsCommand],
  writeError: (text) => process.stderr.write(text.replaceAll(/^(?=.)/gm, errorPrefix)),
  columns: process.stdout.columns ?? 100,
});
if (exitCode !== undefined) {
  process.exitCode = exitCode;
}
