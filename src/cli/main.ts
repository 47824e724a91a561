/** Entry point of the program `mqtt-sn-gateway`. */
import { hideBin } from 'yargs/helpers';
import { isJournal } from '../app/standard-error.ts';
import { version } from '../app/version.ts';
import { captureCommand } from './api/capture-command.ts';
import { clientCommand } from './api/client-command.ts';
import { clientsCommand } from './api/clients-command.ts';
import { disconnectCommand } from './api/disconnect-command.ts';
import { forgetCommand } from './api/forget-command.ts';
import { reloadCommand } from './api/reload-command.ts';
import { statusCommand } from './api/status-command.ts';
import { traceCommand } from './api/trace-command.ts';
import { type Command, runCommandLine } from './command-line.ts';
import { decodeCommand } from './decode-command.ts';
import { hashPasswordCommand } from './hash-password-command.ts';
import { pingCommand } from './ping-command.ts';
import { portsCommand } from './ports-command.ts';
import { pskCommand } from './psk-command.ts';
import { pubCommand } from './pub-command.ts';
import { searchCommand } from './search-command.ts';
import { simulateCommand } from './simulate/simulate-command.ts';
import { subCommand } from './sub-command.ts';

// Whoever reads may go away (`| head`): that is no reason for a stack trace. What could not be written for another reason is a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.exitCode = 1;
  }
});
process.stderr.on('error', () => undefined);

/** Commands that know nothing of settings. */
const WITHOUT_SETTINGS: readonly Command[] = [
  decodeCommand,
  pubCommand,
  subCommand,
  searchCommand,
  pingCommand,
  simulateCommand,
  statusCommand,
  clientsCommand,
  clientCommand,
  traceCommand,
  captureCommand,
  disconnectCommand,
  forgetCommand,
  reloadCommand,
  portsCommand,
  hashPasswordCommand,
  pskCommand,
];

/** The commands among which the arguments choose. What reads and describes settings takes long to load: not for a command that has none. */
async function commandsFor(name: string | undefined): Promise<readonly Command[]> {
  const named = WITHOUT_SETTINGS.filter(({ command }) => name !== undefined && firstWord(command) === name);
  if (named.length > 0) {
    return named;
  }
  const { runCommand } = await import('./run-command.ts');
  const { checkConfigCommand } = await import('./check-config-command.ts');
  const { accessCommand } = await import('./access-command.ts');
  const { doctorCommand } = await import('./doctor-command.ts');
  const { initCommand } = await import('./init-command.ts');
  const { importCommand } = await import('./import-command.ts');
  return [
    runCommand,
    checkConfigCommand,
    accessCommand,
    doctorCommand,
    initCommand,
    importCommand,
    ...WITHOUT_SETTINGS,
  ];
}

function firstWord(command: Command['command']): string | undefined {
  return typeof command === 'string' ? command.split(' ')[0] : undefined;
}

/** `<3>` is "error" for the journal of systemd. */
const errorPrefix = isJournal(2, process.env) ? '<3>' : '';

const writeError = (text: string) => process.stderr.write(text.replaceAll(/^(?=.)/gm, errorPrefix));
const args = hideBin(process.argv);

async function run(): Promise<number | undefined> {
  if (process.env.npm_lifecycle_event === 'start') {
    const { keptByNpm } = await import('./npm-start.ts');
    const complaint = keptByNpm(process.env);
    if (complaint !== undefined) {
      writeError(`${complaint}\n`);
      return 2;
    }
  }
  const commands = await commandsFor(args[0]);
  return await runCommandLine(args, { version, commands, writeError, columns: process.stdout.columns ?? 100 });
}

const exitCode = await run();
if (exitCode !== undefined) {
  process.exitCode = exitCode;
}
