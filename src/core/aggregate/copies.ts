/**
 * Copies of one message (3.7 item 1): the broker sends one for each subscription that matches, one behind the other, each with another identifier, and a
 * client gets that of its best filter. Whether the broker had that filter by then is not known before a message has come for it, or nothing is left at
 * the broker of before: until then a copy waits a moment for the better one, for it may be the only one.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { matchesFilter } from '../topics/topic-name.ts';
import { showsSession } from './doubted-session.ts';
import { askIfDrained, hasCopy } from './drained.ts';
import { audienceOf, isBetter, mayHaveCopy } from './fan-out.ts';
import { withFormerNames } from './former-names.ts';
import { type Hub, isShare } from './hub.ts';
import type { Grant, Member } from './member.ts';
import { receiveShared } from './messages.ts';
import type { Copies, Decision } from './open-copies.ts';
import { openCopies, sameCopies } from './same-copies.ts';
import { isRepetition } from './settlement.ts';
import { type FilterName, readIdentifier } from './subscription-identifier.ts';

/** The copies of one message come with one write of the broker, or nearly so. */
const MOMENT: Millis = 100;

/** I-138. No copy waits for longer, whether or not PINGRESP has shown that no better one comes. */
const LONGEST_WAIT: Millis = 4_000;

/** PUBLISH of the broker. */
export function receiveCopy(received: UpstreamMessage, hub: Hub): void {
  const input = withFormerNames(received, hub);
  const { identifiers, retain, qos } = input;
  hub.link.arrivals += qos > 0 ? 1 : 0;
  showsSession(identifiers ?? [], hub);
  if (!hub.link.identifies || identifiers === undefined || retain) {
    flushCopies(hub);
    receiveShared(input, hub);
    return;
  }
  const known = qos > 0 ? hub.byPacketId.get(input.packetId) : undefined;
  const names = identifiers.map(readIdentifier);
  if (known && isRepetition(known, input)) {
    const isOfBefore = known.arrivedOn === 0;
    receiveShared(input, hub); // between copies that come behind it
    if (isOfBefore) {
      audienceOf(input, hub, copiesOf(input, names, hub)); // who has had it by this one gets no other one: an earlier process knew that (I-168)
    }
    return;
  }
  const copies = copiesOf(input, names, hub);
  if (copies.held.length === 0 && (qos === 0 || !awaitsBetter(input, hub))) {
    receiveShared(input, hub, copies);
    return;
  }
  if (copies.held.length === 0) {
    copies.since = hub.now;
    copies.until = hub.now + MOMENT;
  }
  copies.held.push(input);
  copies.alone = false;
  if (copies.held.some((one) => awaitsBetter(one, hub))) {
    askIfDrained(hub);
  } else {
    flushCopies(hub);
  }
}

/** A moment is over, or the longest wait; or the broker has nothing more behind what waits. */
export function endWait(hub: Hub): void {
  const { copies, now } = hub;
  if (copies?.until === undefined || (copies.until > now && now < copies.since + MOMENT)) {
    return;
  }
  const longest = copies.since + LONGEST_WAIT;
  if (copies.alone || now >= longest) {
    flushCopies(hub);
  } else {
    copies.until = longest;
  }
}

/** The copies of the same message that it comes behind; those of a new one. */
function copiesOf(message: UpstreamMessage, names: readonly FilterName[], hub: Hub): Copies {
  const { topic, payload, qos } = message;
  const same = sameCopies(message, hub);
  const open = openCopies(same, names);
  if (open) {
    open.names.push(...names);
    return open;
  }
  const skipped = same[0]?.skipped ?? new Map<Member, number>();
  const decided = new Map<Member, Decision>();
  const copies: Copies = {
    topic,
    payload,
    names: [...names],
    judged: [],
    held: [],
    since: hub.now,
    alone: false,
    until: undefined,
    decided,
    skipped,
    reliesOnRecords: false,
  };
  if (qos > 0) {
    flushCopies(hub);
    hub.copies = copies;
  } else {
    hub.copiesQos0 = copies;
  }
  return copies;
}

/** No better copy has come: what has waited goes on. */
export function flushCopies(hub: Hub): void {
  const { copies } = hub;
  if (copies === undefined) {
    return;
  }
  copies.until = undefined;
  for (const input of copies.held.splice(0)) {
    receiveShared(input, hub, copies);
  }
}

/** Whether a client may get a better copy of it, and that is not known. */
function awaitsBetter(message: UpstreamMessage, hub: Hub): boolean {
  for (const identifier of message.identifiers ?? []) {
    const filter = hub.bySlot.get(readIdentifier(identifier).slot);
    if (filter === undefined || isShare(filter.filter)) {
      continue;
    }
    for (const member of filter.members.keys()) {
      const grant = member.grants.size > 1 ? member.grants.get(filter.filter) : undefined;
      if (grant && hasUnknown(member, grant, message, hub) && !hub.owed.isOwed(message, filter.slot, member)) {
        return true;
      }
    }
  }
  return false;
}

function hasUnknown(member: Member, grant: Grant, { topic, dup }: UpstreamMessage, hub: Hub): boolean {
  for (const filter of member.grants.keys()) {
    const other = member.grants.get(filter);
    const isUnknown = other && mayHaveCopy(other, hub) && !hasCopy(other, dup, hub) && !hasCome(other, hub);
    if (isUnknown && isBetter(other, grant) && !isShare(filter) && matchesFilter(filter, topic)) {
      return true;
    }
  }
  return false;
}

/** It has come, be it that it is not for this client (I-100). */
function hasCome({ slot }: Grant, { copies }: Hub): boolean {
  return copies?.names.some((one) => one.slot === slot) ?? false;
}
