/** Entry point of the program `mqtt-sn-gateway`. */
import { readFileSync } from 'node:fs';
import { hideBin } from 'yargs/helpers';
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

const exitCode = await runCommandLine(hideBin(process.argv), {
  version,
  commands: [runCommand, checkConfigCommand, decodeCommand, pubCommand, subCommand, portsCommand],
  writeError: (text) => process.stderr.write(text),
  columns: process.stdout.columns ?? 100,
});
if (exitCode !== undefined) {
  process.exitCode = exitCode;
}
