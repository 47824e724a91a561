import type { CoreSettings } from '../contract/core-settings.ts';
import type { Millis } from '../contract/units.ts';

/**
 * Pause before attempt number `attempts` + 1: exponential, with jitter so that a thousand clients do not come at once (3.5 item 1).
 * @param random the source of chance: 0 ≤ random() < 1
 */
export function reconnectDelay(attempts: number, { upstream }: CoreSettings, random: () => number): Millis {
  const { reconnectMin, reconnectMax } = upstream;
  const delay = Math.min(reconnectMax, reconnectMin * 2 ** Math.min(attempts, 30));
  return Math.round(delay * (0.5 + random() / 2));
}
