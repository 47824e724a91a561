import type { LogLevel } from './logger.ts';

/**
 * How the reasons begin for which a message is dropped as it should be: the settings say so, its client has left, or refuses it, or its time was over.
 * Whoever looks for it finds it; nobody has to do anything.
 */
export const EXPECTED_DROPS: readonly string[] = [
  'QoS −1 is switched off',
  'QoS −1 is not accepted',
  'the client answered',
  'the client has unsubscribed',
  'the client left',
  'the client refused',
  'the gateway stops',
  'it has expired',
  'it has waited for too long',
  'no answer to',
];

/** The level of the line that a message was dropped for this reason. */
export function dropLevel(reason: string): LogLevel {
  return EXPECTED_DROPS.some((expected) => reason.startsWith(expected)) ? 'info' : 'warn';
}
