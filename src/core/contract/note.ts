/**
 * What the core tells about itself. Together with what the adapters and the program tell (ports/observer.ts), this is the one stream of
 * facts from which log lines and counters are made, so that they can never disagree. Notes carry no payloads and no credentials.
 */

import type { DecodeReason } from '../../codec/decode-error.ts';
import type { Message, QosFlag, ReturnCode } from '../../codec/message.ts';
import type { Millis, Seconds } from './units.ts';

/** Whom a note is about: a session, and how its client is reached: the radio address, with the wireless node id behind a forwarder. */
interface Client {
  readonly clientId: string;
  readonly link: string;
}

/** Whom a note is about where there may be no session. */
interface Sender {
  readonly clientId: string | undefined;
  readonly link: string;
}

/** A client comes, goes, sleeps or moves. `reason`: why, in words for the log. */
type ClientNote =
  | (Client & {
      readonly type: 'client-connected';
      readonly cleanSession: boolean;
      readonly keepAlive: Seconds;
      readonly will: boolean;
      /** To which the session belongs; left out: to none. */
      readonly identity?: string;
    })
  | (Sender & { readonly type: 'client-refused'; readonly returnCode: ReturnCode; readonly reason: string })
  | (Client & { readonly type: 'connect-abandoned'; readonly reason: string })
  /** `from`: the former address. */
  | (Client & { readonly type: 'client-moved'; readonly from: string })
  | (Client & { readonly type: 'client-disconnected'; readonly reason: string })
  | (Client & { readonly type: 'client-asleep'; readonly duration: Seconds })
  /** `waiting`: messages that the gateway has kept for it. */
  | (Client & { readonly type: 'client-awake'; readonly waiting: number })
  /** Its awake period is over; `duration`: of its sleep. `reason`: where it did not end by itself. */
  | (Client & { readonly type: 'client-asleep-again'; readonly duration: Seconds; readonly reason?: string })
  /** `will`: the broker publishes one. */
  | (Client & { readonly type: 'client-lost'; readonly reason: string; readonly will: boolean })
  /** `sessions`: how many are known again after a start. */
  | { readonly type: 'sessions-restored'; readonly sessions: number }
  | (Client & { readonly type: 'session-expired'; readonly reason: string })
  /** The operator has forgotten it. */
  | (Client & { readonly type: 'session-forgotten' })
  /** What the broker had of it is gone there as well. */
  | { readonly type: 'broker-session-ended'; readonly clientId: string }
  /** What the broker has of it stays there until it expires: it could not be ended. */
  | { readonly type: 'broker-session-left'; readonly clientId: string; readonly reason: string };

/** A frame led to nothing, or to an answer for a stranger. */
type FrameNote =
  | {
      readonly type: 'frame-dropped';
      readonly link: string;
      /** `nested`: an encapsulation inside another (F-7). `forwarder`: the address may not forward (F-8). `tooLong`: more than is taken (T-43). */
      readonly reason: DecodeReason | 'nested' | 'forwarder' | 'tooLong';
    }
  | (Sender & { readonly type: 'frame-undelivered'; readonly reason: string })
  /** `answered`: with DISCONNECT. */
  | {
      readonly type: 'unknown-sender';
      readonly link: string;
      readonly message: Message['type'];
      readonly answered: boolean;
    };

/** What became of a message, or of a request of a client. */
type MessageNote =
  | (Client & { readonly type: 'message-ignored'; readonly message: Message['type']; readonly reason: string })
  /** `predefinedId`: a topic id that would have to be configured, in the file of pre-defined topics. */
  | (Client & {
      readonly type: 'request-rejected';
      readonly message: Message['type'];
      readonly returnCode: ReturnCode;
      readonly reason: string;
      readonly predefinedId?: number;
      /** Or filter, where that is the reason. */
      readonly topic?: string;
    })
  | (Client & { readonly type: 'duplicate-absorbed'; readonly message: Message['type'] })
  /** `attempt`: 1 for the first repetition. */
  | (Client & { readonly type: 'retransmitted'; readonly message: Message['type']; readonly attempt: number })
  | (Client & { readonly type: 'topic-registered'; readonly topicId: number; readonly topicName: string })
  | (Client & { readonly type: 'subscribed'; readonly filter: string; readonly qos: QosFlag })
  | (Client & { readonly type: 'unsubscribed'; readonly filter: string })
  /** A subscription that the client has, and that the broker does not take when it is asked for again: it is gone; with `kept` it is asked for on the next connection. */
  | (Client & {
      readonly type: 'subscription-refused';
      readonly filter: string;
      readonly reason: string;
      readonly kept?: true;
    })
  /** A subscription by pre-defined id, which means another topic from now on (I-113). */
  | (Client & {
      readonly type: 'subscription-moved';
      readonly topicId: number;
      readonly from: string;
      readonly to: string;
    });

/** What became of an application message: from a client to the broker, or from the broker to a client. */
type PublishNote =
  | (Sender & { readonly type: 'client-published'; readonly qos: QosFlag })
  /** `predefinedId`: as with `request-rejected`. */
  | (Sender & {
      readonly type: 'client-publish-dropped';
      readonly qos: QosFlag;
      readonly reason: string;
      readonly predefinedId?: number;
      /** As with `request-rejected`. */
      readonly topic?: string;
    })
  | (Client & { readonly type: 'delivered'; readonly qos: QosFlag })
  | (Client & {
      readonly type: 'delivery-dropped';
      readonly topic: string;
      readonly qos: QosFlag;
      readonly reason: string;
    });

/** Packets by which a broker answers. */
export type BrokerAnswer = 'PUBACK' | 'PUBREC' | 'PUBCOMP' | 'SUBACK' | 'UNSUBACK';

/** Whose connection to the broker a note is about: a client's, with its address, or with `clientId` undefined the gateway's own one. */
interface Connected {
  readonly clientId: string | undefined;
  readonly link?: string;
}

/** The broker's side. */
type UpstreamNote =
  | (Connected & { readonly type: 'upstream-up'; readonly sessionPresent: boolean })
  | (Connected & {
      readonly type: 'upstream-down';
      readonly reason: string;
      /** Until the next attempt; undefined: none is made, or the broker is away and its return decides. */
      readonly retryIn: Millis | undefined;
      /** It stood until now; left out: an attempt came to nothing. */
      readonly stood?: true;
      /** Of a client: how often it has broken, or not been made, since it lasted a minute, or the client connected. */
      readonly attempt?: number;
      /** Of the own one: no other one stands, either, so that the broker is away. */
      readonly away?: true;
      /** Of the broker, without credentials: the program adds it for the gateway's own connection. */
      readonly url?: string;
    })
  /**
   * The broker closes the connection on something of this client, which is given up (3.5 item 8); with QoS −1 the client may have no session
   * (I-72). `topic`: or filter. `octets`: of the payload.
   */
  | (Sender & {
      readonly type: 'poison-given-up';
      readonly message: 'PUBLISH' | 'PUBREL' | 'SUBSCRIBE' | 'UNSUBSCRIBE';
      readonly topic: string;
      readonly octets: number;
    })
  /**
   * A connection broke on which so many publishes with QoS 0 had gone out behind the last that the broker is known to have had: they may be
   * lost, and are not sent again.
   */
  | (Connected & { readonly type: 'qos0-unconfirmed'; readonly publishes: number })
  /**
   * Somebody else seems to have the client id of the gateway's own connection, which ends again and again (I-45). `proof`: the broker says so, a
   * client's connection stood beside it, or there is none: the broker may close every connection. `brokerClientId`: that id, added by the program.
   */
  | {
      readonly type: 'own-connection-contested';
      readonly proof: 'broker' | 'client' | 'none';
      readonly brokerClientId?: string;
    }
  /** The same of the connection that clients share: the broker says so, or the own one stood beside it. */
  | {
      readonly type: 'shared-connection-contested';
      readonly proof: 'broker' | 'own';
      readonly brokerClientId?: string;
    }
  /** The broker has answered what was not asked, or out of step (I-34). */
  | (Connected & { readonly type: 'broker-answer-ignored'; readonly packet: BrokerAnswer })
  /** The broker has answered a QoS 2 PUBLISH as one of QoS 1 (I-35). */
  | { readonly type: 'broker-without-qos2' }
  /**
   * The connection that the clients of an aggregating gateway share. `identifies`: messages name the subscriptions that they come for; without
   * that, messages of filters that cross may come twice.
   */
  | {
      readonly type: 'shared-connection-up';
      readonly sessionPresent: boolean;
      readonly protocolVersion: 4 | 5;
      readonly identifies: boolean;
      /** The broker had subscriptions for it, and has no session any more: what waited there is lost. */
      readonly sessionLost?: true;
    }
  /** `stood`: until now; left out: an attempt came to nothing. */
  | {
      readonly type: 'shared-connection-down';
      readonly reason: string;
      readonly retryIn: Millis;
      readonly stood?: true;
    }
  /** The broker does not speak MQTT 5: the shared connection speaks 3.1.1. */
  | { readonly type: 'shared-protocol-changed'; readonly protocolVersion: 4 }
  /** After a change to the transparent mode: all that was to go out on the shared connection has, and the broker's session of it has ended (I-133). */
  | { readonly type: 'shared-session-ended' }
  /** The broker has sent on the shared connection what no client has subscribed to (I-155); topic: as the broker knows it. */
  | { readonly type: 'message-for-nobody'; readonly topic: string; readonly qos: QosFlag }
  /** The broker keeps a subscription on the shared connection that the gateway does not know, and cannot end (I-169); topic: of a message that it has brought. */
  | { readonly type: 'subscription-unknown'; readonly topic: string }
  /** The broker had a session for the shared connection of which nothing is known here: it is ended (I-154). */
  | { readonly type: 'shared-session-unknown' }
  /** The broker does not take the gateway's status (status.topicPrefix), which is the will of the shared connection: that is made without it. */
  | { readonly type: 'status-refused'; readonly topic: string }
  /**
   * So many clients with subscriptions share the connection since this start, or do not any more (`upstream.mode`, `upstream.ownConnection`); `some`: the
   * first of them. What waits at the broker for a client that shares it now is not fetched.
   */
  | {
      readonly type: 'mode-changed';
      readonly to: 'shared' | 'own';
      readonly mode: 'transparent' | 'aggregating';
      readonly clients: number;
      readonly some: readonly string[];
    }
  /** So many clients are to share the connection, and have one of their own in this run still: PUBREL of a QoS 2 publish is out there (I-158); `some`: the first of them. */
  | { readonly type: 'mode-change-waits'; readonly clients: number; readonly some: readonly string[] }
  /**
   * So many clients with subscriptions have another `upstream.topicPrefix` than before; `some`: the first of them. What waits for them under the former one
   * has no name of theirs any more.
   */
  | { readonly type: 'topic-prefix-changed'; readonly clients: number; readonly some: readonly string[] }
  /**
   * The broker can be reached through some connection, or through none any more, which an attempt in vain has shown. `lostFor`: how long ago
   * the last connection that stood broke, where one did. `reason`: why it cannot; `url`: of the broker, added by the program.
   */
  | {
      readonly type: 'gateway-reachable';
      readonly reachable: boolean;
      readonly lostFor?: Millis;
      readonly reason?: string;
      readonly url?: string;
    };

/** Everything that the core notes. */
export type Note = ClientNote | FrameNote | MessageNote | PublishNote | UpstreamNote;
