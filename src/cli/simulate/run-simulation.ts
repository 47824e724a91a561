/** Runs a simulation: progress, summary, exit code. */
import { MqttSnClient } from '../../client/mqtt-sn-client.ts';
import { connectCommandClient } from '../client-session.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { aborted } from './pause.ts';
import type { SimulateArguments } from './simulate-options.ts';
import { Simulation } from './simulation.ts';
import { type PlannedSimulation, simulationPlan } from './simulation-plan.ts';
import { progressText, shortcomings, summaryJson, summaryText } from './simulation-text.ts';

/** How often progress is told, in milliseconds: on a terminal, and elsewhere. */
const PROGRESS = { terminal: 500, elsewhere: 10_000 };

/** Sets `process.exitCode` where it did not go well. Rejects with `OptionProblem`, `ConfigError`, or as a client does that does not reach its gateway. */
export async function runSimulation(values: SimulateArguments): Promise<void> {
  const planned = simulationPlan(values);
  try {
    await untilInterrupted(async (signal) => {
      const reached = probe(planned);
      reached.catch(() => undefined);
      await Promise.race([reached, aborted(signal)]);
      await simulate(values, planned, signal);
    });
  } finally {
    await planned.close();
  }
}

/** Whether there is a gateway at all. */
async function probe({ plan }: PlannedSimulation): Promise<void> {
  const { transport } = plan.radio(0, (medium) => medium);
  const client = new MqttSnClient({ clientId: `${plan.idPrefix}1`, transport, ...plan.retry });
  try {
    await connectCommandClient(client);
    await client.disconnect();
  } finally {
    await client.close();
  }
}

async function simulate(values: SimulateArguments, { plan }: PlannedSimulation, signal: AbortSignal): Promise<void> {
  const simulation = new Simulation(plan);
  const { sensors, tally } = simulation;
  const { isTTY } = process.stderr;
  const show = (): void => {
    const text = progressText(simulation.look(), sensors);
    process.stderr.write(isTTY ? `\r${text}\x1b[K` : `${text}\n`);
  };
  const timer = values.quiet ? undefined : setInterval(show, isTTY ? PROGRESS.terminal : PROGRESS.elsewhere);
  const started = performance.now();
  try {
    await simulation.run(signal);
  } finally {
    clearInterval(timer);
    if (timer !== undefined && isTTY) {
      process.stderr.write('\r\x1b[K');
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const acceptance = { sensors, maxLost: values['max-lost'] };
  process.stdout.write(
    values.json ? `${summaryJson(tally, acceptance, seconds)}\n` : summaryText(tally, acceptance, seconds),
  );
  if (shortcomings(tally, acceptance).length > 0) {
    process.exitCode = 1;
  }
}
