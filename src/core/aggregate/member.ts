/** A client that shares the connection to the broker: what the broker would keep for it, had it a session there (3.1, 3.7). */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import { besideOf } from '../state/beside.ts';
import { IdSequence } from '../state/msg-id.ts';
import { SmallMap, type SmallSet } from '../topics/small-map.ts';
import { MemberState } from './member-state.ts';
import { MemberTraffic } from './member-traffic.ts';

/** A subscription that the client has. */
export interface Grant {
  /** As asked for. */
  readonly asked: Qos;
  /** As granted to the client. */
  readonly qos: Qos;
  /** Of its filter: grows with each that the gateway has, over a restart too. */
  readonly slot: number;
  /** SUBSCRIBE for its filter with which the client came (SharedFilter.serial): what the broker had for it before is not for this client. */
  readonly since: number;
  /** The session at the broker (SharedLink.epoch) in which a message with QoS 1 or 2 has come for its filter: whatever comes now does so for this one, too. */
  countedIn: number;
  /** The SUBACK with which it was granted (SharedLink.grants); 0: that of an earlier process. */
  readonly grantedAs: number;
}

/** A client waits for SUBACK. */
export interface Newcomer {
  readonly member: Member;
  /** Of the session, when it asked. */
  readonly connection: number;
  readonly packetId: number;
  readonly asked: Qos;
  /** It has the subscription, and has had what was retained. */
  readonly again: boolean;
  /** Of what is retained it gets only what comes with QoS 0: the broker's session keeps the rest for it, or it has had that (I-141). */
  readonly ofQos0?: true;
  /** The session asks for what its client has, so that a refusal would be the end of that. */
  readonly restores: boolean;
  /** It has been answered: what is retained is still to come. */
  answered: boolean;
  /** It has left. */
  gone: boolean;
}

/** QoS 1 and 2 messages that a session has at a time without having acknowledged them. */
export const MEMBER_WINDOW = 16;

/** What is on its way to a client, or from it. */
type Traffic = MemberTraffic<Newcomer, Parcel, Relay>;

export class Member extends MemberState {
  /** Empty: nobody; the gateway itself, for wills and what it says of itself. */
  readonly clientId: string;
  /** Number of the connection that the session has; 0: none. */
  connection = 0;
  /** By filter, as the broker knows it. */
  readonly grants = new SmallMap<string, Grant>();
  /** What is on its way to it or from it; undefined: nothing. Most clients sleep. */
  #traffic: Traffic | undefined;
  /** The packet id that the session was handed last; 0: none. */
  #lastPacketId = 0;

  constructor(clientId: string) {
    super();
    this.clientId = clientId;
  }

  /** What is on its way to the session, or from it; to be read where it may be changed, too. */
  get traffic(): Traffic {
    this.#traffic ??= new MemberTraffic();
    return this.#traffic;
  }

  /** What its CONNECT asks for, while it waits for the answer. */
  get asks(): Traffic['asks'] {
    return this.#traffic?.asks;
  }

  set asks(asks: Traffic['asks']) {
    if (asks !== undefined || this.#traffic !== undefined) {
      this.traffic.asks = asks;
    }
  }

  /** SUBSCRIBEs whose SUBACK is still to come, by filter. */
  get asking(): Traffic['asking'] {
    return this.traffic.asking;
  }

  /** SUBACK is to come for some of its filters. */
  get isAsking(): boolean {
    return (this.#traffic?.asking.size ?? 0) > 0;
  }

  /** What the session has been handed, by its packet id, oldest first. */
  get handed(): Traffic['handed'] {
    return this.traffic.handed;
  }

  /** QoS 1 and 2 publishes of the client, by the packet id of the session. */
  get relays(): Traffic['relays'] {
    return this.traffic.relays;
  }

  /** What waits, oldest first. */
  get queue(): Parcel[] {
    return this.traffic.queue;
  }

  /** Those of `relays` that have not gone out, oldest first. */
  get unsent(): Relay[] {
    return this.traffic.unsent;
  }

  /** Lets go of what holds nothing; it is made anew when it is needed. */
  rest(): void {
    if (this.#traffic?.isNothing) {
      this.#traffic = undefined;
    }
  }

  /** A packet id that nothing else has that the session has been handed, nor would have beside a connection of its own: it may have had one, and have one again. */
  nextPacketId(): number {
    const packetIds = new IdSequence();
    packetIds.startBehind(this.#lastPacketId);
    const { handed, isBeside } = this;
    const packetId = packetIds.next({ has: (id) => handed.has(id) || handed.has(besideOf(id)) });
    if (packetId === undefined) {
      throw new Error('no packet id is free');
    }
    this.#lastPacketId = packetId;
    return isBeside ? besideOf(packetId) : packetId;
  }

  /** Nothing is kept that another process, or a later connection, would need. */
  get isEmpty(): boolean {
    const isAway = this.connection === 0 || this.isBeside;
    return (
      isAway &&
      this.grants.size === 0 &&
      this.collected === undefined &&
      (this.#traffic === undefined || this.#traffic.holdsNothing)
    );
  }

  /** How many messages wait. */
  get waiting(): number {
    return this.#traffic?.queue.length ?? 0;
  }
}

/** A message, once, however many clients it is for. */
export interface SharedMessage {
  /** Grows with each message. */
  readonly number: number;
  readonly topic: string;
  /** Undefined: it is on the disk alone (payloads.ts). */
  payload: Uint8Array | undefined;
  /** Of the payload. */
  readonly octets: number;
  readonly qos: Qos;
  readonly retain: boolean;
  /** When it came. */
  readonly at: Millis;
  /** MQTT 5 Message Expiry; undefined: never. */
  readonly expiresAt: Millis | undefined;
  /** Of the broker, as long as a repetition with it is this message: QoS 1 until it is acknowledged, QoS 2 until PUBREL; 0: no more. */
  packetId: number;
  /** The packet id with which it came, whatever that means by now; 0: it is not known. */
  readonly cameAs: number;
  /** The one that it may be once more (I-161). */
  readonly repeats: SharedMessage | undefined;
  /** It came as one that the broker had sent before (DUP), and that was not known any more: who gets QoS 0 may have had it (I-93). */
  readonly dup: boolean;
  /** The connection on which the broker has sent it last. */
  arrivedOn: number;
  /** Every client has it, or it is on the disk for those that have not: PUBACK or PUBREC may be said. */
  safe: boolean;
  /** Which clients it is for has to be told after a crash as now (Copies.reliesOnRecords). */
  reliesOnRecords: boolean;
  /** Clients that have not acknowledged it. */
  readonly parcels: SmallSet<Parcel>;
  /** It is in the store, or on its way there. */
  stored: boolean;
  /** How many of its parcels are, too. */
  storedParcels: number;
  /** How many of them sessions have been handed. */
  handedParcels: number;
  /** Parcels for which the broker has to wait: they are kept nowhere else yet. */
  awaited: number;
}

/** What of a message is for one client, with QoS 1 or 2. */
export interface Parcel {
  readonly member: Member;
  readonly message: SharedMessage;
  /** As granted to the client, and no higher than the message's. With QoS 0 it waits in memory, behind what came before it. */
  readonly qos: Qos;
  readonly retain: boolean;
  /** By which the session knows it; 0: it has not been handed over. */
  packetId: number;
  /** The session has said PUBREC. */
  received: boolean;
  stored: boolean;
  /** It counts among those that the broker waits for. */
  awaited: boolean;
  /** Its client is out of this group since, for which it came (I-139). */
  group?: string | undefined;
  /** What is for this client of the message that this one may be once more (I-161). */
  readonly repeats?: Parcel | undefined;
}

/** What a message counts that waits for a client. */
export function weightOf({ message }: Pick<Parcel, 'message'>): number {
  return message.octets + message.topic.length;
}

/** An answer of the broker, as the session hears it. */
export interface RelayAnswer {
  readonly packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP';
  readonly reasonCode: number;
  /** The broker cannot be reached, and has not said it. */
  readonly unreachable?: true;
}

/** Whose a will was. */
export interface WillOf {
  readonly clientId: string;
  /** See `hostKey`; empty: that is not known. */
  readonly host: string;
  /** Its address, for notes. */
  readonly link: string;
}

export interface Relay {
  readonly member: Member;
  /** Of the session; of a will its number. */
  readonly sessionPacketId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly is: 'publish' | 'will' | 'status';
  /** Of a will: whose it was, and where that client was. */
  readonly willOf: WillOf | undefined;
  /** Of the shared connection; 0: it has not gone out. */
  packetId: number;
  /** The connection on which it, or its PUBREL, went out last; 0: none. */
  sentOn: number;
  /** It has gone out once: from then on with DUP. */
  sent: boolean;
  /** The broker has said PUBREC, and PUBREL has gone out or will. */
  received: boolean;
  /** The connection on which PUBREL was to go out first; 0: on none, or before a restart. */
  releasedOn: number;
  /** Connections that broke while PUBREL was out, or on it alone though its client has PUBREC. */
  releaseFalls: number;
  /** The session has been told PUBREC. */
  told: boolean;
  /** It was half-way on a connection of the client's own (I-158): the client may have PUBREC, so it is not refused because the broker is away. */
  stays: boolean;
  /** The broker has given its last answer. */
  ended: boolean;
  /** The session has said PUBREL. */
  released: boolean;
  /** It is of an earlier process, and goes on under the name that it had there. */
  restored: boolean;
  /** What it is at the broker is known after a crash: QoS 2 of sessions that outlive the process, and wills. */
  stored: boolean;
  /** The client has begun anew: nobody hears of the answer. */
  abandoned: boolean;
  /** Number of its record, where it is stored and no client's any more; 0: it is not. */
  leftAs: number;
  /** An answer that the session has not heard, for it had no connection. */
  unheard: RelayAnswer | undefined;
  /** Packet ids that the broker has refused as in use. */
  packetIdsRefused: number;
}
