import { spawnSync } from 'node:child_process';

/**
 * What Prometheus's own tool has to say; empty: nothing is wrong. `args`: as in `promtool check metrics`; `input`: for its standard input.
 * Throws where it cannot be run.
 */
export function promtool(args: readonly string[], input = ''): string {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`promtool could not be run (npm test installs Debian's package "prometheus"): ${error.message}`);
  }
  return status === 0 ? stderr : `promtool ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`;
}
