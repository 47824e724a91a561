/** `reload`: has a running gateway read its settings again. */
import type { Argv, CommandModule } from 'yargs';
import { escapedText } from '../../codec/quoted-text.ts';
import type { ReloadAnswer } from '../../http/api-contract.ts';
import type { CommandFacts } from '../command-line.ts';
import { API_OPTIONS, type ApiArguments, gatewayApi } from './api-options.ts';
import { jsonText } from './api-output.ts';
import { reportingApiErrors } from './api-report.ts';

export const reloadCommand: CommandModule<object, ApiArguments> & CommandFacts = {
  withoutSettings: true,
  command: 'reload',
  describe: 'Have a running gateway read settings, topics, permissions and keys again',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 reload\n\nWhat can change while it runs does; what needs a restart is named. Exit code 1: the files have problems, and nothing has changed.',
      )
      .options(API_OPTIONS)
      .example('$0 reload --token-file token', 'Reads the settings again'),
  handler: (values) =>
    reportingApiErrors('reload', async () => {
      const answer = await (await gatewayApi(values)).send<ReloadAnswer>('POST', 'api/v1/reload');
      process.stdout.write(values.json ? jsonText(answer) : reloadText(answer));
      if (answer.problems.length > 0) {
        process.exitCode = 1;
      }
    }),
};

/** Lines for people. */
export function reloadText({ changed, needsRestart, problems }: ReloadAnswer): string {
  const lines = [
    ...problems.map((problem) => `Problem: ${problem}`),
    ...(problems.length > 0 ? ['Nothing has changed.'] : []),
    ...changed.map((setting) => `Changed: ${setting}`),
    ...needsRestart.map((setting) => `Needs a restart: ${setting}`),
  ];
  return (lines.length === 0 ? ['Nothing has changed.'] : lines)
    .map((line) => `${line.split('\n').map(escapedText).join('\n')}\n`)
    .join('');
}
