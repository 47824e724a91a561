/** The books of connections to the broker that follow each other too closely. */

import { OWN, SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import type { Findings } from './findings.ts';

/** Connections in a minute that are no storm, and those that a CONNECT of the client may lead to. */
const MOST_CONNECTIONS = 16;
const FOR_EACH_CONNECT = 4;
const MINUTE = 60_000;

export interface ConnectionStormParts {
  readonly findings: Findings;
  /** How many clients there are. */
  readonly clients: number;
  readonly now: () => number;
  /** For how long what goes out may have waited for the disk. */
  readonly heldByDisk: () => number;
}

export class ConnectionStorms {
  readonly #parts: ConnectionStormParts;
  /** When each client id was connected in the last minute. */
  readonly #connections = new Map<string, number[]>();

  constructor(parts: ConnectionStormParts) {
    this.#parts = parts;
  }

  /** Another life has pauses of its own. */
  gatewayStarted(): void {
    this.#connections.clear();
  }

  /** The gateway connects for a client. */
  connects(clientId: string, account: Account | undefined): void {
    const { now: timeOf, heldByDisk } = this.#parts;
    const now = timeOf();
    if (heldByDisk() >= MINUTE) {
      return; // CONNECTs of more than the last minute may have led to it, and to others in the same moment
    }
    const recent = (this.#connections.get(clientId) ?? []).filter((at) => now - at < MINUTE);
    recent.push(now);
    this.#connections.set(clientId, recent);
    const asked = account?.asksToConnect.filter((at) => now - at < MINUTE) ?? [];
    if (account !== undefined) {
      account.asksToConnect = asked;
    }
    const atGraceEnds = clientId === OWN ? this.#parts.clients : 0; // I-41: one for each client, a second apart; Pauses looks which
    const ofWitness =
      clientId === SHARED ? (this.#connections.get(OWN) ?? []).filter((at) => now - at < MINUTE).length : 0; // it follows that one
    if (recent.length - FOR_EACH_CONNECT * asked.length - atGraceEnds - ofWitness > MOST_CONNECTIONS) {
      this.#parts.findings.object('connection-storm', `${clientId} was connected ${recent.length} times in a minute`);
    }
  }
}
