/** The wills of lost clients (3.7 item 5): on the disk until the broker has them, QoS 2 once by its packet id. */

import type { Will } from '../contract/effect.ts';
import type { Millis } from '../contract/link.ts';
import { type StoredFiredWill, sharedKey } from '../contract/stored-records.ts';
import { type Hub, NOBODY } from './hub.ts';
import type { Member, Relay, WillOf } from './member.ts';
import { ownName } from './own-name.ts';
import { newRelay } from './relay.ts';
import { firedWillOf } from './relay-records.ts';
import { drop, enqueueRelay, takeFromLine } from './relay-traffic.ts';

const TOO_MANY = 'too many wills wait for the broker, most of them of clients at this host';
const NOT_KNOWN: WillOf = { clientId: NOBODY, host: '', link: '' };

/** A client is lost. One that may go on with its session is waited for (I-101). */
export function fireWill({ clientId, clean }: Member, will: Will, from: Omit<WillOf, 'clientId'>, hub: Hub): void {
  const { willDelay } = hub.settings.upstream;
  const number = ++hub.lastWill;
  const relay = relayOf(will, { clientId, ...from }, number, hub);
  const due = clean || willDelay === 0 ? undefined : hub.now + willDelay;
  // At once, though nobody waits for it: after a loss of power the client may connect, and its will would be none any more.
  hub.storeSoon({
    key: sharedKey('fired-will', number),
    record: due === undefined ? firedWillOf(relay) : { ...firedWillOf(relay), due },
  });
  if (due === undefined) {
    enqueueRelay(relay, hub);
  } else {
    publishDelayed(clientId, hub);
    hub.delayedWills.set(clientId, { relay, due });
  }
  if (!relay.ended && relay.sentOn === 0) {
    makeRoom(relay, from.host, hub);
  }
}

/** I-129: where too much waits, the oldest of the host that has most goes; one for which all others would not be enough goes alone (I-171). */
function makeRoom(added: Relay, host: string, hub: Hub): void {
  const { limit } = hub.settings.sessions;
  const reason = hub.wills.tooLarge(added, limit) ?? TOO_MANY;
  for (const relay of hub.wills.add(added, host, limit)) {
    const { clientId, link } = relay.willOf ?? NOT_KNOWN;
    if (hub.delayedWills.get(clientId)?.relay === relay) {
      hub.delayedWills.delete(clientId);
    } else {
      takeFromLine(relay, hub);
    }
    relay.ended = true;
    drop(relay, hub);
    const { qos } = relay;
    const topic = ownName(clientId, relay.topic, hub);
    hub.note({ type: 'client-publish-dropped', clientId, link, topic, qos, reason });
  }
}

/** The client goes on with its session: its will is none any more. */
export function takeBackWill(clientId: string, hub: Hub): void {
  const delayed = hub.delayedWills.get(clientId);
  if (delayed) {
    hub.delayedWills.delete(clientId);
    drop(delayed.relay, hub);
  }
}

/** The session of the client has ended, or is lost once more: nothing is waited for. */
export function publishDelayed(clientId: string, hub: Hub): void {
  const delayed = hub.delayedWills.get(clientId);
  if (delayed) {
    hub.delayedWills.delete(clientId);
    enqueueRelay(delayed.relay, hub);
    const member = hub.members.get(clientId);
    if (member?.isBeside) {
      hub.forgetIfEmpty(member);
    }
  }
}

/** When the first of the wills that wait is published. */
export function willDue({ delayedWills }: Hub): Millis | undefined {
  for (const { due } of delayedWills.values()) {
    return due;
  }
  return undefined;
}

/** Those whose time has come. */
export function publishDueWills(hub: Hub): void {
  for (const [clientId, { due }] of hub.delayedWills) {
    if (due > hub.now) {
      return;
    }
    publishDelayed(clientId, hub);
  }
}

/** Wills that the broker did not have, or may not have had, when the process ended: those that go out now. */
export function restoreWills(records: readonly StoredFiredWill[], hub: Hub): readonly RestoredWill[] {
  const restored: RestoredWill[] = [];
  for (const record of [...records].sort((one, other) => one.number - other.number)) {
    const { number, clientId, host = '', due } = record;
    hub.lastWill = Math.max(hub.lastWill, number);
    const relay = relayOf(record, { clientId, host, link: '' }, number, hub);
    hub.wills.restore(relay, host);
    if (record.packetId !== 0) {
      hub.wills.sent(relay);
    }
    if (due === undefined) {
      restored.push({ relay, record });
    } else {
      // At most what is set now, so that they stay in the order of their times.
      hub.delayedWills.set(clientId, { relay, due: Math.min(due, hub.now + hub.settings.upstream.willDelay) });
    }
  }
  return restored;
}

interface RestoredWill {
  readonly relay: Relay;
  readonly record: StoredFiredWill;
}

function relayOf({ topic, message: payload, qos, retain }: Will, willOf: WillOf, number: number, hub: Hub): Relay {
  const relay = newRelay({
    member: hub.own,
    sessionPacketId: number,
    topic,
    payload,
    qos,
    retain,
    is: 'will',
    willOf,
  });
  relay.stored = true;
  return relay;
}
