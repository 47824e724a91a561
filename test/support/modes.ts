import { afterAll, beforeAll, describe } from '@jest/globals';
import { eventually } from './eventually.ts';
import type { Mosquitto } from './mosquitto.ts';

/** Who owns the connections to the broker: each client one, or the gateway one for all. */
export type Mode = 'transparent' | 'aggregating';

/** The switch: behaviours that every gateway has are tested in each of these modes. */
export const MODES: readonly Mode[] = ['transparent', 'aggregating'];

let current: Mode = 'transparent';

/** The mode of the tests that run now: a gateway under test starts in it. */
export function currentMode(): Mode {
  return current;
}

/** Whether all clients share one connection to the broker in the tests that run now. */
export function isShared(): boolean {
  return current === 'aggregating';
}

/** What every gateway does, whoever owns the connections: described once for each mode. */
export function describeInEachMode(name: string, suite: (mode: Mode) => void): void {
  for (const mode of MODES) {
    describeIn(mode, name, suite);
  }
}

/** What is about one mode. */
export function describeIn(mode: Mode, name: string, suite: (mode: Mode) => void): void {
  if (!MODES.includes(mode)) {
    return;
  }
  describe(`${mode} gateway: ${name}`, () => {
    beforeAll(() => {
      current = mode;
    });
    afterAll(() => {
      current = 'transparent';
    });
    suite(mode);
  });
}

/** Client id at the broker of whoever carries a client there, to be part of a regular expression. */
export function brokerIdOf(clientId: string): string {
  return isShared() ? 'mqtt-sn-gw-1-[0-9a-f]{6}-s' : clientId;
}

/** In the log of mosquitto: a packet of the connection that carries a client. */
export function saidBy(packet: string, clientId: string): RegExp {
  return new RegExp(`Received ${packet} from ${brokerIdOf(clientId)}(?![\\w-])`, 'g');
}

/** In the log of mosquitto: a packet for the connection that carries a client. */
export function sentTo(packet: string, clientId: string): RegExp {
  return new RegExp(`Sending ${packet} to ${brokerIdOf(clientId)}(?![\\w-])`, 'g');
}

/** How often mosquitto has got such a packet of the connection that carries a client, since its log was `from` characters long. */
export function countSaid({ log }: Mosquitto, packet: string, clientId: string, from = 0): number {
  return log.slice(from).match(saidBy(packet, clientId))?.length ?? 0;
}

/** How often mosquitto has sent such a packet on the connection that carries a client. */
export function countSent({ log }: Mosquitto, packet: string, clientId: string): number {
  return log.match(sentTo(packet, clientId))?.length ?? 0;
}

/**
 * Waits until so many messages wait for a sleeper: with the broker, or where the gateway keeps them they are on its disk, and acknowledged with
 * `packet`, since the log of mosquitto was `from` characters long.
 */
export async function gathered(
  broker: Mosquitto,
  sleeper: string,
  count: number,
  { packet = 'PUBACK', from = 0 } = {},
): Promise<void> {
  if (isShared()) {
    await eventually(`${count} messages at the gateway`, () => countSaid(broker, packet, sleeper, from) >= count);
  }
}
