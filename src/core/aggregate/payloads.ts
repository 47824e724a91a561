/**
 * Payloads of what waits for clients are on the disk, and in memory only as far as there is room (sessions.queue): those that came first go first, and
 * are read again when it is their turn.
 */

import { type StoredRecord, sharedKey } from '../contract/stored-records.ts';
import type { Hub } from './hub.ts';
import { MEMBER_WINDOW, type Member, type SharedMessage } from './member.ts';

/** Messages that are looked at for each new one: those that sessions have been handed stay in memory. */
const LOOKS = 32;

/** A message is in the store: its payload need not be in memory. */
export function holdPayload(message: SharedMessage, hub: Hub): void {
  const { payload } = message;
  if (payload !== undefined && !hub.held.has(message)) {
    message.payload = alone(payload);
    hub.held.add(message);
    hub.heldOctets += message.octets;
  }
  let looked = 0;
  for (const oldest of hub.held) {
    if (hub.heldOctets <= hub.settings.sessions.queue.octetsInMemory || looked++ >= LOOKS) {
      return;
    }
    if (isOnDiskAlone(oldest)) {
      letGoPayload(oldest, hub);
      oldest.payload = undefined;
    }
  }
}

/** A payload is a part of what the broker has sent at once: what waits for long must not keep all of that. */
function alone(payload: Uint8Array): Uint8Array {
  return payload.buffer.byteLength > 2 * payload.length ? Uint8Array.from(payload) : payload;
}

/** It does not count any more. */
export function letGoPayload(message: SharedMessage, hub: Hub): void {
  if (hub.held.delete(message)) {
    hub.heldOctets -= message.octets;
  }
}

/** Whether nobody needs it now: no session has been handed it, and the broker does not repeat it. */
function isOnDiskAlone({ stored, packetId, parcels, storedParcels, handedParcels }: SharedMessage): boolean {
  return stored && packetId === 0 && handedParcels === 0 && storedParcels === parcels.size;
}

/** What a session is to get next is read. True where it has to wait for that. */
export function awaitsPayload(member: Member, hub: Hub): boolean {
  if (member.traffic.loading) {
    return true;
  }
  const [first] = member.queue;
  if (first === undefined || first.message.payload !== undefined) {
    return false;
  }
  const next = member.queue.slice(0, MEMBER_WINDOW).filter(({ message }) => message.payload === undefined);
  const keys = next.map(({ message }) => sharedKey('message', message.number));
  member.traffic.loading = { pinged: false };
  const [key = ''] = keys;
  const others = hub.loading.get(key) ?? [];
  hub.loading.set(key, [...others, member]);
  hub.emit({ type: 'load', keys });
  return true;
}

/** They have been read: whose turn it is now. What cannot be read is damaged, and is gone; `gone` says so for each client that waits for it. */
export function payloadsLoaded(
  records: readonly { readonly key: string; readonly record: StoredRecord | undefined }[],
  gone: (message: SharedMessage) => void,
  hub: Hub,
): readonly Member[] {
  for (const { key, record } of records) {
    const message = hub.messages.get(Number(key.slice(key.indexOf('/') + 1)));
    if (message === undefined || message.payload !== undefined) {
      continue; // its time was over meanwhile, or another client has asked for it as well
    }
    if (record?.kind === 'message') {
      message.payload = record.payload;
      hub.held.add(message);
      hub.heldOctets += message.octets;
    } else {
      gone(message);
    }
  }
  const first = records[0]?.key ?? '';
  const members = hub.loading.get(first) ?? [];
  hub.loading.delete(first);
  return members;
}
