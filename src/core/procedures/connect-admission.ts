/** Whether a CONNECT may be worked on at all: protocol, ClientId, address (6.2; C-4, C-6, T-01, T-02, T-05, T-07). */

import { type Connect, RETURN_CODE } from '../../codec/message.ts';
import { countingClientId, foreignClientId } from '../state/client-id-rule.ts';
import { isSameHost, type Path } from '../state/path.ts';
import type { Session } from '../state/session.ts';
import { type Refusal, refuseConnect } from '../steps/rejection.ts';
import type { Turn } from '../steps/turn.ts';
import { forbiddenCharacter, utf8Octets } from '../topics/topic-name.ts';

const { notSupported } = RETURN_CODE;

const PROTOCOL_ID = 0x01;

/** C-6, T-01, T-02: the ClientId, or undefined where the CONNECT has been refused. */
export function usableClientId(message: Connect, path: Path, turn: Turn): string | undefined {
  const rule = turn.shared.access?.settings;
  const clientId = countingClientId(message.clientId, path.identity, rule); // I-121
  if (message.protocolId !== PROTOCOL_ID) {
    const reason = `ProtocolId ${message.protocolId} is not 1`;
    refuseConnect(path, clientId, { returnCode: notSupported, reason }, turn); // C-6, T-05
    return undefined;
  }
  const character =
    typeof clientId === 'string' ? forbiddenCharacter(clientId, turn.settings.clients.names) : undefined;
  if (typeof clientId !== 'string' || character !== undefined) {
    const reason = character === undefined ? 'its client id is not UTF-8' : `its client id contains ${character}`;
    refuseConnect(path, undefined, { returnCode: notSupported, reason }, turn); // T-02
    return undefined;
  }
  if (clientId === '') {
    if (turn.settings.clients.emptyClientId === 'generate') {
      return ofItsIdentity(`anonymous-${path.key}`, path, turn); // T-01
    }
    refuseConnect(path, clientId, { returnCode: notSupported, reason: 'its client id is empty' }, turn);
    return undefined;
  }
  if (isOwnClientId(clientId, turn)) {
    const reason = "its client id is that of the gateway's own connection (upstream.gatewayClientId)";
    refuseConnect(path, clientId, { returnCode: notSupported, reason }, turn); // I-45
    return undefined;
  }
  const { maxClientIdOctets } = turn.settings.clients;
  if (utf8Octets(clientId) > maxClientIdOctets) {
    const reason = `its client id has more than ${maxClientIdOctets} octets`;
    refuseConnect(path, clientId.slice(0, maxClientIdOctets), { returnCode: notSupported, reason }, turn);
    return undefined;
  }
  return ofItsIdentity(clientId, path, turn);
}

/** I-121: the client id, or undefined where it is not that of its identity, and the CONNECT has been refused. */
function ofItsIdentity(clientId: string, path: Path, turn: Turn): string | undefined {
  const foreign = foreignClientId(clientId, path.identity, turn.shared.access?.settings);
  if (foreign === undefined) {
    return clientId;
  }
  refuseConnect(path, clientId, { returnCode: notSupported, reason: foreign }, turn);
  return undefined;
}

/** I-45, I-107: that of the own connection, of the one for the status, or of the one that the clients of an aggregating gateway share. */
function isOwnClientId(clientId: string, { shared, settings }: Turn): boolean {
  const { ownClientId, statusClientId } = shared;
  if (clientId === statusClientId) {
    return true;
  }
  const isAggregating = settings.upstream.mode === 'aggregating';
  return ownClientId !== undefined && (clientId === ownClientId || (isAggregating && clientId === `${ownClientId}-s`));
}

/**
 * Why a known client may not be the one at this path (I-117, T-07); undefined: it may. A session of nobody is anybody's; what belongs to an identity is
 * for that one alone, whatever the addresses.
 */
export function foreignRefusal(session: Session, path: Path, turn: Turn): Refusal | undefined {
  if (session.owner !== undefined && session.owner !== path.identity) {
    return { returnCode: notSupported, reason: 'its client id belongs to another identity' };
  }
  return mayComeFrom(session, path, turn)
    ? undefined
    : { returnCode: notSupported, reason: 'its client id belongs to another address' };
}

/** T-07, T-08: whether a known client may appear at this path. */
export function mayComeFrom(session: Session, path: Path, turn: Turn): boolean {
  const { addressBinding } = turn.settings.clients;
  if (addressBinding === 'any' || session.path.key === path.key) {
    return true;
  }
  return addressBinding === 'sameHost' && isSameHost(session.path, path);
}
