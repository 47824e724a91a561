/**
 * The one stream of facts from which log lines and counters are made, so that they can never disagree.
 * Notes carry no payloads and no credentials. `link` is the radio address, with the wireless node id behind a forwarder.
 */

import type { DecodeReason } from '../../codec/decode-error.ts';
import type { Message, QosFlag, ReturnCode } from '../../codec/message.ts';

/** Where a note comes from: a client id where there is a session, and the address. */
interface Where {
  readonly clientId: string;
  readonly link: string;
}

/** Why a client was refused, lost or let go, in words for the log. */
export type Note =
  | (Where & {
      readonly type: 'client-connected';
      readonly cleanSession: boolean;
      /** Seconds. */
      readonly keepAlive: number;
      readonly will: boolean;
    })
  | {
      readonly type: 'client-refused';
      readonly clientId: string | undefined;
      readonly link: string;
      readonly returnCode: ReturnCode;
      readonly reason: string;
    }
  | (Where & { readonly type: 'connect-abandoned'; readonly reason: string })
  | (Where & { readonly type: 'session-expired'; readonly reason: string })
  | (Where & { readonly type: 'client-moved'; readonly from: string })
  | (Where & { readonly type: 'client-disconnected'; readonly reason: string })
  | (Where & { readonly type: 'client-asleep' /** Seconds. */; readonly duration: number })
  | (Where & { readonly type: 'client-awake'; readonly waiting: number })
  | (Where & { readonly type: 'client-lost'; readonly reason: string; readonly will: boolean })
  | {
      readonly type: 'frame-dropped';
      readonly link: string;
      readonly reason: DecodeReason | 'unexpected' | 'nested' | 'overload' | 'forwarder';
    }
  | {
      readonly type: 'frame-undelivered';
      readonly clientId: string | undefined;
      readonly link: string;
      readonly reason: string;
    }
  | {
      readonly type: 'unknown-sender';
      readonly link: string;
      readonly message: Message['type'];
      readonly answered: boolean;
    }
  | (Where & { readonly type: 'message-ignored'; readonly message: Message['type']; readonly reason: string })
  | (Where & {
      readonly type: 'request-rejected';
      readonly message: Message['type'];
      readonly returnCode: ReturnCode;
      readonly reason: string;
    })
  | (Where & { readonly type: 'topic-registered'; readonly topicId: number; readonly topicName: string })
  | (Where & { readonly type: 'subscribed'; readonly filter: string; readonly qos: QosFlag })
  | (Where & { readonly type: 'unsubscribed'; readonly filter: string })
  | {
      readonly type: 'client-published';
      readonly clientId: string | undefined;
      readonly link: string;
      readonly qos: QosFlag;
    }
  | (Where & { readonly type: 'duplicate-absorbed'; readonly message: Message['type'] })
  | {
      readonly type: 'client-publish-dropped';
      readonly clientId: string | undefined;
      readonly link: string;
      readonly qos: QosFlag;
      readonly reason: string;
    }
  | (Where & { readonly type: 'delivered'; readonly qos: QosFlag })
  | (Where & {
      readonly type: 'delivery-dropped';
      readonly topic: string;
      readonly qos: QosFlag;
      readonly reason: string;
    })
  | (Where & { readonly type: 'retransmitted'; readonly message: Message['type']; readonly attempt: number })
  | { readonly type: 'upstream-up'; readonly clientId: string | undefined; readonly sessionPresent: boolean }
  | {
      readonly type: 'upstream-down';
      readonly clientId: string | undefined;
      readonly reason: string;
      /** Milliseconds until the next attempt; undefined: none is made. */
      readonly retryIn: number | undefined;
    }
  | { readonly type: 'gateway-reachable'; readonly reachable: boolean }
  | {
      readonly type: 'gateway-started';
      readonly gwId: number;
      /** Without credentials. */
      readonly brokerUrl: string;
      /** The broker is the embedded one. */
      readonly embedded: boolean;
      /** Where clients are heard. */
      readonly addresses: readonly string[];
    }
  | { readonly type: 'gateway-stopping'; readonly signal: string; readonly clients: number }
  | {
      readonly type: 'gateway-stopped' /** What was counted since the start, by name. */;
      readonly counts: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'setting-unused' /** A setting that this version accepts but does not use. */;
      readonly setting: string;
    }
  | { readonly type: 'transport-up'; readonly transport: string; readonly address: string }
  | {
      readonly type: 'transport-down';
      readonly transport: string;
      readonly code: string;
      /** What is wrong, and what to do. */
      readonly reason: string;
    }
  | { readonly type: 'octets-discarded'; readonly transport: string; readonly octets: number; readonly reason: string }
  | {
      readonly type: 'radio-signal';
      readonly link: string;
      /** Received signal strength of the last hop, in dBm. */
      readonly rssi: number | undefined;
      /** Transmissions in vain before the one that arrived. */
      readonly retries: number | undefined;
    }
  | { readonly type: 'radio-node'; readonly link: string; readonly name: string; readonly role: string }
  | { readonly type: 'radio-status'; readonly transport: string; readonly status: number; readonly meaning: string }
  | { readonly type: 'transport-problem'; readonly transport: string; readonly code: string; readonly reason: string }
  | { readonly type: 'store-problem'; readonly reason: string }
  | { readonly type: 'sessions-restored'; readonly sessions: number }
  | { readonly type: 'session-failed'; readonly clientId: string | undefined; readonly reason: string };
