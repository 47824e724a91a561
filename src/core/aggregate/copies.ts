/**
 * Copies of one message (3.7 item 1): the broker sends one for each subscription that matches, one behind the other, each with another identifier, and a
 * client gets that of its best filter. Whether the broker had that filter by then is not known before a message has come for it, or nothing is left at
 * the broker of before: until then a copy waits a moment for the better one, for it may be the only one.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { samePayload } from '../state/payload-digest.ts';
import { matchesFilter } from '../topics/topic-name.ts';
import { hasCopy } from './drained.ts';
import { hasCopyFor, isBetter, mayHaveCopy } from './fan-out.ts';
import { type Hub, isShare } from './hub.ts';
import type { Grant, Member } from './member.ts';
import { receiveShared } from './messages.ts';
import { type FilterName, readIdentifier } from './shared-filter.ts';

/** The copies of one message come with one write of the broker, or nearly so. */
const MOMENT: Millis = 100;

/** PUBLISH of the broker. */
export function receiveCopy(input: UpstreamMessage, hub: Hub): void {
  const { identifiers, retain, topic, payload } = input;
  hub.link.arrivals += input.qos > 0 ? 1 : 0;
  if (!hub.link.identifies || identifiers === undefined || retain) {
    flushCopies(hub);
    receiveShared(input, hub);
    return;
  }
  const names = identifiers.map(readIdentifier);
  let { copies } = hub;
  if (copies && copies.topic === topic && !names.some(isIn, copies.names) && samePayload(copies.payload, payload)) {
    copies.names.push(...names);
  } else {
    flushCopies(hub);
    copies = { topic, payload, names, held: [], until: undefined };
    hub.copies = copies;
  }
  if (copies.held.length === 0 && (input.qos === 0 || !awaitsBetter(input, hub))) {
    receiveShared(input, hub);
    return;
  }
  copies.held.push(input);
  copies.until ??= hub.now + MOMENT;
  if (!copies.held.some((one) => awaitsBetter(one, hub))) {
    flushCopies(hub);
  }
}

function isIn(this: readonly FilterName[], { slot }: FilterName): boolean {
  return this.some((one) => one.slot === slot);
}

/** No better copy has come: what has waited goes on. */
export function flushCopies(hub: Hub): void {
  const { copies } = hub;
  if (copies === undefined) {
    return;
  }
  copies.until = undefined;
  for (const input of copies.held.splice(0)) {
    receiveShared(input, hub);
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
      if (grant && hasUnknown(member, grant, message, hub)) {
        return true;
      }
    }
  }
  return false;
}

function hasUnknown(member: Member, grant: Grant, { topic, dup }: UpstreamMessage, hub: Hub): boolean {
  for (const filter of member.grants.keys()) {
    const other = member.grants.get(filter);
    const isUnknown = other && mayHaveCopy(other, hub) && !hasCopy(other, dup, hub) && !hasCopyFor(other, hub);
    if (isUnknown && isBetter(other, grant) && !isShare(filter) && matchesFilter(filter, topic)) {
      return true;
    }
  }
  return false;
}
