/**
 * When the broker may forget a message (3.7 item 8): every client has acknowledged it, or it is on the disk for those that have not. Clients that are
 * there have a second for it, less where half of what the broker has out at a time waits for clients; so nobody holds up the others.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { type StoreWrite, sharedKey, storeKey } from '../contract/stored-records.ts';
import { samePayload } from '../state/payload-digest.ts';
import { askIfDrained } from './drained.ts';
import { type Hub, NOBODY } from './hub.ts';
import type { Member, Parcel, SharedMessage } from './member.ts';
import { holdPayload, letGoPayload } from './payloads.ts';

/** A client that is there has so long before the message is kept for it. */
const PATIENCE: Millis = 1_000;

const NOTHING = new Uint8Array(0);

/** The broker repeats a message. False where this is another one under its packet id. */
export function isRepeated(known: SharedMessage, input: UpstreamMessage, hub: Hub): boolean {
  if (!isRepetition(known, input)) {
    return false;
  }
  known.arrivedOn = input.connection;
  if (known.safe) {
    acknowledge(known, hub);
  }
  return true;
}

/** Whether it is that message once more, by its flag and by what it says; nothing is changed. */
export function isRepetition(known: SharedMessage, { dup, topic, qos, payload }: UpstreamMessage): boolean {
  return dup && known.topic === topic && known.qos === qos && samePayload(known.payload ?? NOTHING, payload);
}

/** Whether what is for a client has to survive the process. */
export function outlives({ clean, hasWill, clientId }: Member, hub: Hub): boolean {
  return !clean || hasWill || hub.sessions.sleeps(clientId);
}

/** It is with the clients, and on the disk where that is needed at once: the broker is told now, or a little later. */
export function delivered(message: SharedMessage, hub: Hub): void {
  for (const parcel of message.parcels) {
    const { stored, qos, member, packetId } = parcel;
    parcel.awaited = !stored && qos > 0 && (!member.clean || member.hasWill || packetId !== 0);
    message.awaited += parcel.awaited ? 1 : 0;
  }
  if (message.awaited > 0) {
    hub.unsettled.add(message);
    settleIfCrowded(hub);
  } else {
    settled(message, hub);
  }
}

/**
 * Half of what the broker has out at a time waits for clients: the oldest are kept, so that it goes on. All of them are where newcomers of other filters have
 * to wait until the broker has nothing left (nested-filters.ts): one slow client would hold them up.
 */
export function settleIfCrowded(hub: Hub): void {
  const { fetch, toFetch } = hub.link;
  const most = fetch && fetch.granted > 0 && toFetch.size > 0 ? 1 : hub.settings.upstream.receiveMaximum;
  while (hub.unsettled.size * 2 >= most) {
    const [oldest] = hub.unsettled;
    if (oldest === undefined) {
      return;
    }
    keepUnacknowledged(oldest, hub);
  }
}

/** When the oldest one has waited for long enough; undefined: none waits. */
export function patienceEnds(hub: Hub): Millis | undefined {
  const [oldest] = hub.unsettled;
  return oldest && oldest.at + PATIENCE;
}

/** A second is over: what clients have not acknowledged is kept for them. */
export function patienceDue(hub: Hub): void {
  for (const message of hub.unsettled) {
    if (message.at + PATIENCE > hub.now) {
      return;
    }
    keepUnacknowledged(message, hub);
  }
}

/** Kept on the disk for sessions that outlive the process; for others in memory. */
function keepUnacknowledged(message: SharedMessage, hub: Hub): void {
  hub.unsettled.delete(message);
  keepAll(message, hub);
  settled(message, hub);
}

/** A client has acknowledged it, or never will. */
export function parcelGone(parcel: Parcel, hub: Hub): void {
  const { message } = parcel;
  message.parcels.delete(parcel);
  message.handedParcels -= parcel.packetId === 0 ? 0 : 1;
  if (parcel.stored) {
    message.storedParcels--;
    hub.store([parcelWrite(parcel, undefined)]);
  }
  awaitNoMore(parcel);
  settleIfKept(message, hub);
  forgetIfOver(message, hub);
}

/** Nobody's acknowledgement is waited for any more. */
function settleIfKept(message: SharedMessage, hub: Hub): void {
  if (hub.unsettled.has(message) && message.awaited === 0) {
    hub.unsettled.delete(message);
    settled(message, hub);
  }
}

function awaitNoMore(parcel: Parcel): void {
  if (parcel.awaited) {
    parcel.awaited = false;
    parcel.message.awaited--;
  }
}

/** Nobody waits for it, and no repetition of it is to come: neither here nor in the store. */
function forgetIfOver(message: SharedMessage, hub: Hub): void {
  const { number, parcels, packetId, qos, storedParcels } = message;
  if (message.stored && storedParcels === 0 && (qos !== 2 || packetId === 0)) {
    message.stored = false;
    letGoPayload(message, hub);
    hub.store([{ key: sharedKey('message', number), record: undefined }]);
  }
  if (parcels.size === 0 && packetId === 0) {
    hub.messages.delete(number);
    hub.repetitions.over(message);
  }
}

/** The broker may forget it. */
function settled(message: SharedMessage, hub: Hub): void {
  message.safe = true;
  acknowledge(message, hub);
}

/** PUBACK, or PUBREC; behind whatever was written before. With PUBACK its packet id may mean another one. */
function acknowledge(message: SharedMessage, hub: Hub): void {
  const { link } = hub;
  const { packetId, arrivedOn, qos } = message;
  if (packetId === 0 || link.phase !== 'up' || arrivedOn !== link.connection) {
    return; // said when the broker repeats it
  }
  const packet = qos === 1 ? 'PUBACK' : 'PUBREC';
  const owner = message.stored || message.reliesOnRecords ? { owner: NOBODY } : {}; // what relies on no record waits for none
  hub.emit({ type: 'upstream-acknowledge', connection: arrivedOn, packetId, packet, reasonCode: 0, ...owner });
  if (qos === 1) {
    hub.repetitions.acknowledged(message);
    hub.byPacketId.delete(packetId);
    message.packetId = 0;
    forgetIfOver(message, hub);
    askIfDrained(hub);
  }
}

/** PUBREL of the broker: it repeats the message no more. */
export function sharedReleased(packetId: number, hub: Hub): void {
  const message = hub.byPacketId.get(packetId);
  if (message) {
    meansAnother(message, hub);
  }
  const { connection } = hub.link;
  hub.link.arrivals++;
  hub.emit({ type: 'upstream-acknowledge', connection, packetId, packet: 'PUBCOMP', reasonCode: 0, owner: NOBODY });
  askIfDrained(hub);
}

/** Its packet id means another message from now on. */
export function meansAnother(message: SharedMessage, hub: Hub): void {
  hub.byPacketId.delete(message.packetId);
  message.packetId = 0;
  hub.unsettled.delete(message);
  if (message.storedParcels > 0 && message.qos === 2) {
    keep(message, [], hub, true);
  } else if (!message.safe) {
    keepAll(message, hub);
  }
  message.safe = true;
  forgetIfOver(message, hub);
}

/** The broker has lost its session: it repeats nothing. What is kept nowhere but here is kept from now on. */
export function forgetPacketIds(hub: Hub): void {
  for (const message of [...hub.byPacketId.values()]) {
    meansAnother(message, hub);
  }
  hub.repetitions.clear();
}

function keepAll(message: SharedMessage, hub: Hub): void {
  keep(
    message,
    [...message.parcels].filter(({ stored, qos, member }) => !stored && qos > 0 && outlives(member, hub)),
    hub,
  );
}

/** A client outlives the process from now on: what is in memory alone for it is kept. */
export function keepAllOf({ handed, waiting, queue }: Member, hub: Hub): void {
  const parcels = waiting > 0 ? [...handed.values(), ...queue] : [...handed.values()];
  for (const parcel of parcels) {
    if (!parcel.stored && parcel.qos > 0) {
      keepAll(parcel.message, hub); // for others as well, as in `keepEarlier`
      settleIfKept(parcel.message, hub);
    }
  }
}

/** A message is written, with what of it is for these clients; the broker is told behind that. `again`: it has changed. */
export function keep(message: SharedMessage, parcels: readonly Parcel[], hub: Hub, again = false): void {
  if (parcels.length === 0 && !again) {
    return;
  }
  for (const parcel of parcels) {
    keepEarlier(parcel, hub);
  }
  const writes: StoreWrite[] = [];
  const { payload } = message;
  if (payload !== undefined && (!message.stored || again)) {
    const { number, topic, qos, retain, at, expiresAt } = message;
    const dup = message.dup || undefined;
    const packetId = qos === 2 && message.packetId !== 0 ? message.packetId : undefined;
    const cameAs = qos === 1 && message.cameAs !== 0 ? message.cameAs : undefined;
    const rest = { at, expiresAt, packetId, cameAs, dup };
    const record = { kind: 'message', number, topic, payload, qos, retain, ...rest } as const;
    writes.push({ key: sharedKey('message', number), record });
    message.stored = true;
  }
  for (const parcel of parcels) {
    parcel.stored = true;
    message.storedParcels++;
    awaitNoMore(parcel);
    writes.push(parcelWrite(parcel, parcel));
  }
  hub.messages.set(message.number, message);
  hub.store(writes, again ? [] : [NOBODY]);
  holdPayload(message, hub);
}

/**
 * After a crash the broker repeats what is not on the disk behind what is: so whatever the client has been handed before with the same QoS, and has not
 * acknowledged, is on the disk first.
 */
function keepEarlier({ member, message: { number }, qos }: Parcel, hub: Hub): void {
  for (const earlier of member.handed.values()) {
    if (!earlier.stored && earlier.qos === qos && earlier.message.number < number) {
      if (earlier.message.qos === 2) {
        keepAll(earlier.message, hub); // for others as well: a repetition of it is no message any more
      } else {
        keep(earlier.message, [earlier], hub);
      }
      settleIfKept(earlier.message, hub);
    }
  }
}

/** As it is in the store; `kept` undefined: it is not any more. */
export function parcelWrite({ member, message }: Parcel, kept: Parcel | undefined): StoreWrite {
  const { clientId } = member;
  const { number } = message;
  const key = storeKey('parcel', clientId, number);
  if (kept === undefined) {
    return { key, record: undefined };
  }
  const { qos, packetId, retain } = kept;
  const received = kept.received || undefined;
  return { key, record: { kind: 'parcel', clientId, number, qos, packetId, retain, received } };
}
