/** A broker that cannot be reached: for scenarios (3.5). */
import type { CoreBench } from './core-bench.ts';

/** Lets time pass; each attempt to reach the broker fails at once. All effects with their time in milliseconds since the call. */
export function passWithoutBroker(bench: CoreBench, milliseconds: number): string[] {
  const begin = bench.now;
  const lines: string[] = [];
  for (;;) {
    const next = bench.core.nextDeadline;
    const end = next === undefined || next > begin + milliseconds;
    const effects = bench.pass(end ? begin + milliseconds - bench.now : Math.max(0, next - bench.now));
    lines.push(
      ...effects.map((line) => `${bench.now - begin} ${line}`),
      ...failAttempts(bench, effects).map((line) => `${bench.now - begin} ${line}`),
    );
    if (end) {
      return lines;
    }
  }
}

/** Lets every CONNECT among the effects fail, and those that follow from it; what else followed. */
export function failAttempts(bench: CoreBench, effects: readonly string[]): string[] {
  const lines: string[] = [];
  for (const effect of effects) {
    const connection = /^#(\d+) CONNECT/.exec(effect)?.[1];
    if (connection === undefined) {
      continue;
    }
    const following = bench.down(Number(connection));
    lines.push(...following, ...failAttempts(bench, following));
  }
  return lines;
}

/** The broker goes away: the connections given break, further attempts fail. What the links saw. */
export function brokerGone(bench: CoreBench, ...connections: number[]): string[] {
  const lines = connections.flatMap((connection) => bench.down(connection));
  return radio([...lines, ...failAttempts(bench, lines)]);
}

/** Only the lines of frames, not those of upstream connections. */
export function radio(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.includes('#'));
}

/** Only the attempts for a client, with their times where there are any. */
export function attempts(lines: readonly string[], clientId: string): string[] {
  return lines.filter((line) => line.includes(` CONNECT ${clientId}`));
}

/** The connection number of the last attempt for a client that these effects hold. */
export function lastAttempt(lines: readonly string[], clientId: string): number {
  const number = /#(\d+) /.exec(attempts(lines, clientId).at(-1) ?? '')?.[1];
  if (number === undefined) {
    throw new Error(`no attempt for ${clientId}: ${lines.join(' | ')}`);
  }
  return Number(number);
}
