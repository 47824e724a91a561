/** `simulate`: many sensors at one gateway, the acceptance test of an installation. */
import type { Argv, CommandModule } from 'yargs';
import { reportingErrors } from '../client-session.ts';
import type { CommandFacts } from '../command-line.ts';
import { gatewayAddress } from '../gateway-options.ts';
import { checkOptions } from '../option-table.ts';
import { SIMULATE_OPTIONS, type SimulateArguments } from './simulate-options.ts';

export const simulateCommand: CommandModule<object, SimulateArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['sim', 'simulator', 'load', 'bench'],
  command: 'simulate [profile]',
  describe: 'Many sensors at a gateway: the acceptance test of an installation',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 simulate [profile]\n\nPublishers, sleepers and subscribers with bad radios, failing power and changing addresses. Exit code 0: every sensor had a session, and no message was lost (--max-lost). Ctrl-C ends it early, with the summary.',
      )
      .positional('profile', { type: 'string', describe: 'File with a profile (YAML): docs/tools.md' })
      .options(SIMULATE_OPTIONS)
      .example('$0 simulate -h 192.168.1.2 --publishers 50 --interval 5s', 'Fifty sensors for a minute')
      .example('$0 simulate --sleepers 5 --loss 5% --delay 200ms --duration 10m', 'Sleepers with a bad radio')
      .example(
        '$0 simulate site.yaml --json',
        'A profile, and the summary for a script',
      ) as unknown as Argv<SimulateArguments>,
  handler: (values) =>
    reportingErrors('simulate', { gateway: gatewayAddress({ ...values, url: undefined }) }, async () => {
      checkOptions(SIMULATE_OPTIONS, values);
      // Loaded late: to read a profile takes longer to load than other commands take in all.
      const { runSimulation } = await import('./run-simulation.ts');
      await runSimulation(values);
    }),
};
