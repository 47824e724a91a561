/** How a command that asks a gateway ends where something goes wrong. */
import { OptionProblem } from '../option-table.ts';
import { ApiError } from './gateway-api.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Runs a command's work; what goes wrong becomes one line on standard error and the exit code. What is a defect is thrown on. */
export async function reportingApiErrors(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isUsage = error instanceof OptionProblem;
    if (!isUsage && !(error instanceof ApiError)) {
      throw error;
    }
    process.stderr.write(`${name}: ${error.message}${isUsage ? ` (mqtt-sn-gateway ${name} --help)` : ''}\n`);
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILURE;
  }
}
