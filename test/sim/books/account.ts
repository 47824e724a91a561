/** What the books know of one client. */
import type { BrokerSession } from '../broker-session.ts';
import type { Action, ClientPlan } from '../plan.ts';
import { LateRegAcks } from './late-regacks.ts';

type PublishAction = Extract<Action, { do: 'publish' }>;

/** One publish of a client. */
export interface PublishEntry {
  readonly action: PublishAction;
  msgId: number;
  /** The client was told to forget it, or that it is done. */
  taken: boolean;
  abandoned: boolean;
  /** QoS 2: the broker has it and waits for PUBREL. */
  received: boolean;
  /** How often the broker has passed it on. */
  routed: number;
  /** The gateway has said PUBREL to the broker. */
  released: boolean;
  /** The broker has forgotten that it had it, and the gateway cannot know that yet. */
  forgotten: boolean;
  /** The broker refused it, or a rule excuses that it is gone. */
  excused: string | undefined;
  /** Place in the order in which the gateway heard of publishes; 0: not yet. */
  heard: number;
  /** The same, where a CONNECT since does not count: the gateway may have kept it. */
  heardFirst: number;
  /** When that was that counts as `heard`. */
  heardAt: number;
  sentUp: boolean;
  /** It went out on the shared connection last: there PUBREL follows PUBREC, whatever the client does. */
  onShared: boolean;
  /** The exchange was over for the gateway. */
  finished: boolean;
  /** QoS 2 where clients share the connection: the client has said PUBREL, and the broker PUBCOMP: with both it is over. */
  clientReleased: boolean;
  completed: boolean;
  /** A copy without DUP came after that: nobody can tell it from a new one. */
  stale: boolean;
  poisoned: number;
}

/** Whose session at the broker it came by. */
export type Source = 'own' | 'shared';

/** One message of the broker for a client. */
export interface DeliveryEntry {
  readonly topic: string;
  readonly qos: number;
  /** With which it may come: where clients share a connection between a request and its answer with more than one. */
  readonly qoses: Set<number>;
  /** Messages with the same one come in their order. */
  readonly line: string;
  retain: boolean;
  readonly index: number;
  got: number;
  msgId: number;
  releasedAt: number;
  sent: boolean;
  /** It went out with QoS 0, and the broker, which has sent it with another one, may not have been told: it may come again. */
  comesAgain: boolean;
  /** So many of it the broker has sent, repetitions aside: its client has published it more than once, or it is retained. Each takes a place. */
  copies: number;
  /** At the broker it has been for the client's own session, and for the one that clients share: whoever changes over has it by either, or both. */
  readonly sources: Set<Source>;
  /** The gateway has dropped it, and told the broker, which may repeat it all the same (I-91). */
  dropped: boolean;
}

export class Account {
  readonly plan: ClientPlan;
  /** Where the gateway knows it, by its last CONNECT or PINGREQ with ClientId. */
  link = '';
  /** Where the last CONNECT came from that the gateway has begun to work on. */
  asksFrom = '';
  clean: boolean;
  state: 'gone' | 'active' | 'asleep' = 'gone';
  /** Silence that it may keep; 0: any. */
  limit = 0;
  /** Running time of the gateway at the last frame. */
  heard = 0;
  /** How long it had been silent before each of the last frames, and when that ended. */
  silences: { readonly until: number; readonly lasted: number }[] = [];
  /** When the gateway said PUBREL to the broker last. */
  releasedAt = Number.NEGATIVE_INFINITY;
  /** When the gateway answered it last. */
  toldAt = Number.NEGATIVE_INFINITY;
  /** When it handled the last message whose answer waits for the disk where something changes; a QoS 2 publish is not among them. */
  changesAt = Number.NEGATIVE_INFINITY;
  /** When the gateway sent the last REGISTER, repetitions left out. */
  registersAt = Number.NEGATIVE_INFINITY;
  /** When the gateway sent the last PUBLISH with QoS 2, repetitions left out, or, where clients share the connection, told that it drops one. */
  deliversAt = Number.NEGATIVE_INFINITY;
  goneSince = 0;
  /** When that was told. */
  goneAt = Number.NEGATIVE_INFINITY;
  /** The process has ended before that was on the disk, perhaps: the next one has it back, and gives it what was not for it. */
  mayLive = false;
  lostAt = -1;
  /** The same, whatever the client has done since. */
  lastLostAt = -1;
  readonly publishes = new Map<string, PublishEntry>();
  /** The publish that a MsgId means, as the gateway has heard it last; and as the client has been told to forget it last. */
  readonly byMsgId = new Map<number, string>();
  readonly takenByMsgId = new Map<number, string>();
  /** Where in the order of events the gateway sent the last PUBACK or PUBREC with a MsgId, and handled the last CONNECT. */
  readonly answeredAt = new Map<number, number>();
  connectedAt = 0;
  readonly deliveries = new Map<string, DeliveryEntry>();
  readonly byGatewayMsgId = new Map<number, string>();
  nextIndex = 1;
  readonly lastIndex = new Map<string, number>();
  /** By topic and QoS, of what the gateway has sent: the last `heard` and `heardFirst`. */
  readonly lastHeard = new Map<string, { readonly heard: number; readonly first: number }>();
  readonly drops: { readonly topic: string; readonly qos: number }[] = [];
  readonly refusedTopics = new Set<string>();
  /** When one of them counted no more, for the client has named it since. */
  readonly acceptedSince = new Map<string, number>();
  /** Those that were refused behind the last SUBACK for them. */
  readonly refusedSubscriptions = new Set<string>();
  unknownTopics = 0;
  readonly unsubscribing = new Set<string>();
  readonly subscriptions = new Set<string>();
  readonly grants = new Map<string, { readonly qos: number; readonly at: number }>();
  /** When the gateway sent SUBACK for a filter last, and when it handled the last CONNECT with CleanSession. */
  readonly subAcked = new Map<string, number>();
  wipedAt = 0;
  /** The last three that broke. */
  readonly lostConnections: number[] = [];
  readonly asked = new Map<number, { readonly filter: string; readonly at: number }>();
  readonly regAcks = new LateRegAcks();
  /** Topics of the gateway's REGISTERs, by MsgId. */
  readonly registered = new Map<number, string>();
  /** As the frames say: whether it may be sent something. */
  air: 'up' | 'going' | 'asleep' | 'awake' = 'up';
  /** DISCONNECTs with a Duration, copies too, that have no answer yet. */
  goings = 0;
  /** When the gateway sent the last DISCONNECT that was no answer. */
  sentAwayAt = Number.NEGATIVE_INFINITY;
  /** It has said DISCONNECT, or the operator has sent it away, and that is not told yet. */
  isLeaving = false;
  /** When the gateway has refused its CONNECT last. */
  refusedAt = Number.NEGATIVE_INFINITY;
  /** When the operator made the gateway forget its session. */
  forgottenAt = Number.NEGATIVE_INFINITY;
  /** The gateway has handled a CONNECT since. */
  asksSinceForgotten = false;
  /** That is not told yet: it may wait for the disk. */
  isForgetting = false;
  /** What the broker had of it then. */
  forgottenSession: BrokerSession | undefined;
  awakeSince = 0;
  /** The last awake period was as long as it may be, and brought something: more than fits into it may wait. */
  awakeFull = false;
  /** When the gateway sent the last message of the broker that the client took for new. */
  gotAt = Number.NEGATIVE_INFINITY;
  /** When the client took the last message for new, and since when one has followed the other. */
  tookAt = Number.NEGATIVE_INFINITY;
  busySince = 0;
  /** When the gateway handled the last PINGREQ. */
  pinged = Number.NEGATIVE_INFINITY;
  /** Arrival times of distinct publishes. */
  arrivals: number[] = [];
  connects: number[] = [];
  asksToConnect: number[] = [];
  willsFired = 0;
  willByGatewayAt = -1;
  /** Where it shares the connection: when its will went out, behind which silence, and nothing has said since that it is lost. */
  willOut: { readonly at: number; readonly silent: number } | undefined;
  /** A CONNECT of its own has no CONNACK yet: what else it says is not heard (C-11). */
  isConnecting = false;
  /** When the gateway ended a connection of it to the broker last. */
  closedAt = -1;
  /** CleanSession of the CONNECT that is being worked on. */
  asksClean = false;

  /** It shares its connection to the broker. */
  isShared: boolean;
  /** It shares it since the gateway began, and when that was: what the broker had for the shared connection then, had none of its filters. */
  joined: { readonly at: number; session: BrokerSession | undefined } | undefined;
  /** The disk does not know that it had a connection of its own before, for the whole of a life of the gateway: nor does the gateway, then. */
  ownUntold = false;
  /** It has shared it, and has had one of its own since the gateway began: the session at the broker, by which messages come until it has one of its own (I-159). */
  bridge: BrokerSession | undefined;
  /** What it had by then. */
  bridgeFilters: readonly string[] = [];
  /** The broker has all its subscriptions in its own session, too: by when what comes on the shared connection is for it no more. */
  bridgeEnds = Number.POSITIVE_INFINITY;
  /** PINGRESP has come since: it may be over. */
  mayBeUnbridged = false;

  constructor(plan: ClientPlan, isShared = false) {
    this.plan = plan;
    this.isShared = isShared;
    this.clean = plan.clean;
  }
}

export function newPublish(action: PublishEntry['action'], msgId: number): PublishEntry {
  return {
    action,
    msgId,
    taken: false,
    abandoned: false,
    received: false,
    routed: 0,
    released: false,
    forgotten: false,
    excused: undefined,
    heard: 0,
    heardFirst: 0,
    heardAt: 0,
    sentUp: false,
    onShared: false,
    finished: false,
    clientReleased: false,
    completed: false,
    stale: false,
    poisoned: 0,
  };
}

export function publishOf(account: Account, name: string | undefined): PublishEntry | undefined {
  return name === undefined ? undefined : account.publishes.get(name);
}
