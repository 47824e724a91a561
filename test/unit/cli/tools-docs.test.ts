import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { captureCommand } from '../../../src/cli/api/capture-command.ts';
import { clientCommand } from '../../../src/cli/api/client-command.ts';
import { clientsCommand } from '../../../src/cli/api/clients-command.ts';
import { disconnectCommand } from '../../../src/cli/api/disconnect-command.ts';
import { forgetCommand } from '../../../src/cli/api/forget-command.ts';
import { reloadCommand } from '../../../src/cli/api/reload-command.ts';
import { statusCommand } from '../../../src/cli/api/status-command.ts';
import { traceCommand } from '../../../src/cli/api/trace-command.ts';
import { type Command, runCommandLine } from '../../../src/cli/command-line.ts';
import { decodeCommand } from '../../../src/cli/decode-command.ts';
import { pingCommand } from '../../../src/cli/ping-command.ts';
import { pubCommand } from '../../../src/cli/pub-command.ts';
import { searchCommand } from '../../../src/cli/search-command.ts';
import { simulateCommand } from '../../../src/cli/simulate/simulate-command.ts';
import { subCommand } from '../../../src/cli/sub-command.ts';
import { parseSimulationProfile } from '../../../src/config/simulation-profile.ts';

const TOOLS = readFileSync(join(import.meta.dirname, '../../../docs/tools.md'), 'utf8');

const COMMANDS: readonly Command[] = [
  ...[pubCommand, subCommand, searchCommand, pingCommand, simulateCommand, decodeCommand, captureCommand],
  ...[statusCommand, clientsCommand, clientCommand, traceCommand, disconnectCommand, forgetCommand, reloadCommand],
];

/** The commands of the shell in a text, each up to a pipe or what is read from a file. */
const LINES = [...TOOLS.matchAll(/^(?:\$ )?mqtt-sn-gateway (.*)$/gm)].map(
  ([, line = '']) => line.split(/ [|<] /)[0] ?? '',
);

/** The words of a line as a shell makes them. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

/** The commands do nothing, but for what yargs makes of their options. */
async function said(line: string): Promise<string> {
  let errors = '';
  await runCommandLine(words(line), {
    version: '1.2.3',
    commands: COMMANDS.map((command) => ({ ...command, handler: () => undefined })),
    writeError: (text) => {
      errors += text;
    },
    columns: 100,
  });
  return errors;
}

describe('docs/tools.md', () => {
  it('has examples of every command', () => {
    const named = new Set(LINES.map((line) => line.split(' ')[0]));
    expect(COMMANDS.map(({ command }) => String(command).split(' ')[0]).filter((name) => !named.has(name))).toEqual([]);
  });

  it.each(LINES)('has commands that are right: mqtt-sn-gateway %s', async (line) => {
    expect(await said(line)).toBe('');
  });

  it('has a profile that is right', () => {
    const profile = /```yaml\n(duration:[\s\S]*?)```/.exec(TOOLS)?.[1] ?? '';
    expect(parseSimulationProfile(profile, 'site.yaml').sensors).toHaveLength(3);
  });

  it('would not have a wrong one', async () => {
    expect(await said('pub --mesage x')).toContain('Unknown option');
  });
});
