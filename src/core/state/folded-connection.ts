/** The connection to the broker of a session that is folded up (folded-session.ts): it stands, or there is none, and nothing is on its way. */

import type { Folding, Unfolding } from '../topics/fold.ts';
import { BrokerConnection, type Phase } from './broker-connection.ts';
import { NO_LIMITS } from './broker-limits.ts';

const FIELDS = [
  ...(['shared', 'mount', 'prefix', 'connection', 'blocked', 'attempts', 'begunAt', 'upSince', 'downSince'] as const),
  ...([
    'shortLived',
    'shortLivedSince',
    'graceOver',
    'redelivering',
    'pings',
    'asked',
    'doubtedOn',
    'sessionPresent',
  ] as const),
  ...(['owesSubscriptions', 'ownSince', 'owesSession', 'bridged'] as const),
] as const;

const LIMITS = [
  ...(['receiveMaximum', 'maximumPacketSize', 'maximumQos', 'retainAvailable'] as const),
  ...(['wildcardAvailable', 'sharedAvailable', 'restricts'] as const),
] as const;

/** As all are before anything happens: what differs from it is written. */
const FRESH = new BrokerConnection();

/** Writes where it is; not where a packet id is in use, or anything is suspected. */
export function foldConnection(connection: BrokerConnection, folding: Folding): void {
  if (!connection.isIdle) {
    folding.refuse();
  }
  folding.list([connection.phase, connection.lastPacketId]);
  folding.fields(connection, FRESH, FIELDS);
  folding.fields(connection.limits, NO_LIMITS, LIMITS);
  connection.unproven.fold(folding);
}

/** It is where it was; nothing has happened to this one. */
export function unfoldConnection(connection: BrokerConnection, unfolding: Unfolding): void {
  const [phase, lastPacketId] = unfolding.list();
  connection.goesOn(phase as Phase, lastPacketId as number);
  unfolding.fields<BrokerConnection>(connection, FIELDS);
  const limits = { ...NO_LIMITS };
  connection.limits = unfolding.fields(limits, LIMITS) ? limits : NO_LIMITS;
  connection.unproven.unfold(unfolding);
}
