/**
 * What is owed to a client (open-copies.ts) when its filters change (I-168): the copy that came first has been acknowledged, and what the filters are from now
 * on does not tell that the better one is for this client. So it goes to the disk with that change. Where nothing changes the filters tell it after a restart.
 */

import { type StoredOwed, type StoreWrite, sharedKey } from '../contract/stored-records.ts';
import type { Hub } from './hub.ts';
import type { Grant, Member } from './member.ts';
import { type OwedCopy, wantedBy } from './open-copies.ts';
import { outlives } from './settlement.ts';

/** The filters of a client have changed. */
export function keepOwed(member: Member, hub: Hub): void {
  const writes: StoreWrite[] = [];
  for (const owed of hub.owed.of(member)) {
    const filters = wantedBy(owed);
    const isKept = filters.length > 0 && outlives(member, hub);
    if (isKept || owed.stored) {
      owed.stored = isKept;
      writes.push({ key: owedKey(owed), record: isKept ? recordOf(owed, filters) : undefined });
    }
  }
  hub.store(writes);
}

/** Whether records tell by which of several copies a client gets a message. */
export function choosesCopies(member: Member, hub: Hub): boolean {
  return hub.link.identifies && member.grants.size > 1 && outlives(member, hub);
}

function recordOf(owed: OwedCopy, filters: readonly string[]): StoredOwed {
  const { number, member, slot, digest, qos, rest } = owed;
  const { clientId } = member;
  return { kind: 'owed', number, clientId, slot, ...digest, qos, filters, sure: rest.sure, unsure: rest.unsure };
}

function owedKey({ number }: Pick<OwedCopy, 'number'>): string {
  return sharedKey('owed', number);
}

/** After a start: not for a client that is none any more, or has none of the filters. */
export function restoreOwed(records: readonly StoredOwed[], hub: Hub): void {
  for (const { number, clientId, slot, topic, octets, hash, check, qos, filters, sure, unsure } of records) {
    hub.owed.last = Math.max(hub.owed.last, number);
    const member = hub.members.get(clientId);
    const grants = new Map<string, Grant>();
    for (const filter of filters) {
      const grant = member?.grants.get(filter);
      if (grant) {
        grants.set(filter, grant);
      }
    }
    if (member && grants.size > 0) {
      const of = { number, member, slot, digest: { topic, octets, hash, check }, qos, since: Number.NEGATIVE_INFINITY };
      hub.owed.add({ ...of, grants, rest: { sure, unsure }, stored: true });
    } else {
      hub.store([{ key: owedKey({ number }), record: undefined }]);
    }
  }
}
