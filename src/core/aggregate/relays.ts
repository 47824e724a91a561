/**
 * QoS 1 and 2 publishes of clients (3.7 item 6), as their sessions see them: what they ask, and what they hear. The broker's side is in
 * relay-traffic.ts.
 */

import type { UpstreamPublish } from '../contract/effect.ts';
import { samePayload } from '../state/payload-digest.ts';
import { AWAY } from '../steps/return-codes.ts';
import { GIVEN_UP, isCondemned } from './condemned.ts';
import type { Hub } from './hub.ts';
import type { Member, Relay } from './member.ts';
import { newRelay } from './relay.ts';
import { storeAsNobodys } from './relay-records.ts';
import { drop, enqueueRelay, finish, freePacketId, refusal, refusalWith, takeFromLine, tell } from './relay-traffic.ts';

/** PUBLISH of a session, or again on a new connection of it. */
export function receiveRelay(member: Member, publish: UpstreamPublish, hub: Hub): void {
  const { packetId, topic, payload, qos, retain } = publish;
  if (qos === 0) {
    return; // they go out on the gateway's own connection
  }
  const known = member.relays.get(packetId);
  if (known && isSame(known, publish)) {
    answerAgain(known, hub);
    return;
  }
  if (known) {
    abandon(known, hub);
  }
  const relay = newRelay({ member, sessionPacketId: packetId, topic, payload, qos, retain, is: 'publish' });
  if (hub.isGraceOver) {
    tell(relay, refusalWith(relay, AWAY), hub);
    return;
  }
  if (isCondemned(relay, hub)) {
    tell(relay, refusal(relay, GIVEN_UP), hub);
    return;
  }
  member.relays.set(packetId, relay);
  enqueueRelay(relay, hub);
}

/** One from before a restart is the same also under another `upstream.topicPrefix` (I-92): the broker may have it. */
export function isSame(relay: Relay, { topic, payload, qos, retain }: UpstreamPublish): boolean {
  const { topic: knownTopic, qos: knownQos, retain: knownRetain, restored } = relay;
  return (
    (restored || knownTopic === topic) &&
    knownQos === qos &&
    knownRetain === retain &&
    samePayload(relay.payload, payload)
  );
}

/** The session has a new connection, and asks once more. */
function answerAgain(relay: Relay, hub: Hub): void {
  const { unheard } = relay;
  relay.unheard = undefined;
  if (unheard) {
    tell(relay, unheard, hub);
    if (unheard.packet === 'PUBACK' || unheard.reasonCode >= 0x80) {
      drop(relay, hub);
    }
  } else if (relay.received) {
    tell(relay, { packet: 'PUBREC', reasonCode: 0 }, hub);
  }
}

/** The grace time is over: what has not gone out is refused for now (3.5 item 7); what has may be at the broker, and waits. */
export function refuseUnsent(hub: Hub): void {
  for (const member of hub.link.ready.members) {
    if (member === hub.own) {
      continue;
    }
    hub.link.ready.delete(member);
    for (const relay of member.unsent.splice(0)) {
      if (relay.sent || relay.stays) {
        member.unsent.push(relay);
        hub.link.ready.add(member);
      } else if (!relay.ended) {
        finish(relay, refusalWith(relay, AWAY), hub);
      }
    }
  }
}

/** PUBREL of a session. */
export function releaseRelay(member: Member, packetId: number, hub: Hub): void {
  const relay = member.relays.get(packetId);
  if (relay === undefined || relay.ended) {
    const { connection } = member;
    hub.tell({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBCOMP', reasonCode: 0 });
    if (relay) {
      drop(relay, hub);
    }
    return;
  }
  relay.released = true;
}

/** The client has begun anew: its publish comes to its end without it, and where it has not gone out it does not. */
export function abandon(relay: Relay, hub: Hub): void {
  relay.abandoned = true;
  relay.unheard = undefined;
  relay.member.relays.delete(relay.sessionPacketId);
  if (relay.ended || !relay.sent) {
    relay.ended = true;
    takeFromLine(relay, hub);
    freePacketId(relay, hub);
    drop(relay, hub);
  } else {
    storeAsNobodys(relay, hub);
  }
}
