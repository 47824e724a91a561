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
  'no answer to',
];

/** With QoS 0 this is as it should be, too; with QoS 1 and 2 it is a message that was promised, and is lost. */
const TOO_OLD = 'it has waited for too long';

/** The level of the line that a message was dropped for this reason. */
export function dropLevel(reason: string, qos: number): LogLevel {
  if (reason.startsWith(TOO_OLD)) {
    return qos > 0 ? 'warn' : 'info';
  }
  return EXPECTED_DROPS.some((expected) => reason.startsWith(expected)) ? 'info' : 'warn';
}
