/**
 * The disk hangs, or is full (I-38): what waits for it takes no place on the shared connection, neither in the window of publishes nor among the SUBSCRIBEs that are
 * out, so that clients who wait for nothing go on. It has been taken back from where it waited, and goes out when nothing waits any more.
 */

import type { ClientHeld, TakenBack } from '../contract/client-held.ts';
import { type Hub, NOBODY } from './hub.ts';
import type { Relay } from './member.ts';
import { fetchIsHeld } from './nested-filters.ts';
import { sendRelays } from './relay-traffic.ts';
import { sendSubscribes, takeBackSubscribe, takeBackUnsubscribe } from './subscribe-requests.ts';

/** What an owner has on the shared connection waits for the disk from now on. */
export function ownerHeld({ clientId: owner, takenBack = [] }: ClientHeld, hub: Hub): void {
  const { link } = hub;
  link.heldOwners.add(owner);
  if (owner === NOBODY) {
    fetchIsHeld(hub);
  }
  const relays: Relay[] = [];
  for (const packet of takenBack) {
    const relay = packet.connection === link.connection ? takeBack(packet, hub) : undefined;
    if (relay) {
      relays.push(relay);
    }
  }
  for (const relay of relays.reverse()) {
    relay.member.unsent.unshift(relay);
    link.ready.add(relay.member);
  }
  goOn(hub);
}

/** It is no publish, or one that has not gone out. */
function takeBack({ packetId }: TakenBack, hub: Hub): Relay | undefined {
  const { link } = hub;
  const use = link.uses.get(packetId);
  switch (use?.is) {
    case 'relay':
      link.out.delete(use.relay);
      use.relay.sent = false;
      use.relay.sentOn = 0;
      return use.relay;
    case 'subscribe':
      link.uses.delete(packetId);
      takeBackSubscribe(use.filter, hub);
      return undefined;
    case 'unsubscribe':
      link.uses.delete(packetId);
      takeBackUnsubscribe(use.filter, packetId, hub);
      return undefined;
    default:
      return undefined;
  }
}

/** Nothing of it waits any more. */
export function ownerReleased(owner: string, hub: Hub): void {
  const { link } = hub;
  link.heldOwners.delete(owner);
  const member = hub.members.get(owner);
  if (member) {
    link.ready.released(member);
  }
  if (owner === NOBODY) {
    for (const filter of link.later) {
      if (typeof filter === 'string') {
        link.toUnsubscribe.add(filter);
      } else {
        link.toSubscribe.add(filter);
      }
    }
    link.later.clear();
  }
  goOn(hub);
}

function goOn(hub: Hub): void {
  sendSubscribes(hub);
  sendRelays(hub);
}
