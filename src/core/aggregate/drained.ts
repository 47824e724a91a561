/**
 * Whether the broker has anything left for the shared connection (design 4): a PINGREQ that goes out behind the last acknowledgement, and is answered
 * with nothing new before PINGRESP, says that it has not. What comes from then on the broker has taken behind every SUBSCRIBE that it had granted by
 * the PINGREQ.
 */

import { type Hub, NOBODY } from './hub.ts';
import type { Grant } from './member.ts';
import { NOT_GRANTED, type SharedFilter } from './shared-filter.ts';

/**
 * Sends PINGREQ where somebody waits for the answer, and nothing of the broker is unacknowledged: else it may have more behind that. Copies that wait for a better
 * one (copies.ts) are unacknowledged themselves: whether that one comes at once is asked all the same.
 */
export function askIfDrained(hub: Hub): void {
  const { link } = hub;
  const { connection, arrivals, grants, fetch, lateFetches } = link;
  const waitsForEchoes = link.toFetch.size > 0 && link.lastEcho > Math.max(link.proven, link.echoed);
  const isFetched = fetch !== undefined || link.toFetch.size > 0; // the answer for these will do for those that broke before (I-147)
  const isLate = lateFetches.some(({ asked }) => asked === 'nothing' || !isFetched);
  const isForFetch = (fetch?.granted ?? 0) > 0 || isLate;
  const isWanted = isForFetch || link.toProve > link.proven || waitsForEchoes || isWantedAnyway(hub) || endsWith(hub);
  const forCopies = hub.copies !== undefined && hub.copies.held.length > 0 && !hub.copies.alone;
  if (link.phase !== 'up' || link.drain || !(forCopies || (isWanted && isQuiet(hub)))) {
    return;
  }
  link.drain = { arrivals, grants, owed: hub.owed.last, forCopies, bridges: [...hub.doneBridges.keys()] };
  hub.emit({ type: 'upstream-ping', connection, owner: NOBODY }); // acknowledgements wait for the disk
}

function isWantedAnyway({ doneBridges, unknownNames }: Hub): boolean {
  return doneBridges.size > 0 || unknownNames.wanted > unknownNames.drains;
}

/** The session there is given up when the broker has nothing left for it on the connection that stands: on an earlier one it may not have got an acknowledgement (ending.ts). */
function endsWith({ link }: Hub): boolean {
  return link.ending === 'rest' && link.drainedOn !== link.connection;
}

/** Whether nothing of the broker is unacknowledged, as far as the core knows. QoS 2 is out at the broker until PUBCOMP. */
export function isQuiet({ byPacketId, link, copies }: Hub): boolean {
  for (const { arrivedOn } of byPacketId.values()) {
    if (arrivedOn === link.connection) {
      return false;
    }
  }
  return copies === undefined || copies.held.length === 0;
}

/** PINGRESP. Whether nothing is left at the broker of before the PINGREQ; else it is asked again. */
export function isDrained(hub: Hub): boolean {
  const { link } = hub;
  const { drain } = link;
  link.drain = undefined;
  const isLast = drain?.arrivals === link.arrivals;
  if (drain?.forCopies && isLast && hub.copies) {
    hub.copies.alone = true;
  }
  if (drain === undefined || drain.forCopies || !isLast) {
    askIfDrained(hub);
    return false;
  }
  link.drainedOn = link.connection;
  link.proven = Math.max(link.proven, drain.grants);
  hub.unknownNames.drains++;
  forgetCopies(hub, drain.owed);
  link.drained.push(...drain.bridges);
  return true;
}

/** None of the copies up to this one is to come any more. */
export function forgetCopies(hub: Hub, owed = hub.owed.last): void {
  hub.owed.proven(owed);
  hub.copies = undefined;
}

/** A filter with QoS 0 is raised: what has come for it may have overtaken what the broker had taken before, so it tells nothing of that. */
export function countsAnew({ filter, members }: SharedFilter): void {
  for (const member of members.keys()) {
    const grant = member.grants.get(filter);
    if (grant) {
      grant.countedIn = 0;
    }
  }
}

/** Whether a message that comes has a copy for this subscription, if its filter matches. `dup`: the broker has sent it before. */
export function hasCopy(grant: Grant, dup: boolean, { link, bySlot }: Hub): boolean {
  const filter = bySlot.get(grant.slot);
  if (!filter?.mayBeThere) {
    return false; // the broker has lost it, and has not granted it again
  }
  if (filter.granted === undefined && link.doubt && !dup) {
    return false; // it may have lost its session (I-52), though not where it knows what it has sent
  }
  const { grantedAs } = filter;
  const since = Math.max(grant.grantedAs, grantedAs); // the broker has had the filter since an earlier process: the client's SUBACK decides
  return grant.countedIn >= link.countsFrom || (grantedAs !== NOT_GRANTED && since > 0 && since <= link.proven);
}
