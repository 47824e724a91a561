/** What the books object to. Each check has a name, and can be switched off by it. */

export interface Finding {
  readonly check: string;
  readonly at: number;
  readonly text: string;
}

export const CHECKS = {
  'lost-to-broker': 'an answer said that a publish was done, and the broker has not got it',
  'never-released': 'a QoS 2 publish that the client was told to forget has not reached anybody',
  'twice-at-broker': 'a QoS 2 publish reached the broker twice',
  'order-to-broker': 'publishes of one client on one topic went to the broker in another order',
  'wrong-topic': 'a publish reached the broker with another topic, QoS or length than the client gave it',
  'refused-without-reason': 'a publish was refused that neither the broker nor a rule refuses',
  congestion: 'a publish was refused for congestion with fewer than sixteen under way',
  'poison-repeated': 'a publish that makes the broker close the connection was sent again and again',
  'beyond-limits': 'something went to the broker that it had said it does not take',
  'acknowledged-not-delivered': 'the broker was told that a client has a message that it has not got',
  'dropped-without-reason': 'a message for a client was dropped, and no rule says so',
  'refused-by-silence': 'a topic counts as refused that the client never refused',
  'twice-to-client': 'a client got a QoS 2 message twice',
  'msgid-reused': 'a client took a new message for a repetition, for its MsgId was used again too early',
  'foreign-delivery': 'a client got a message that the broker did not send it, or with another topic or QoS',
  'qos0-twice': 'a QoS 0 message was sent twice',
  'order-to-client': 'messages on one topic were sent to a client in another order',
  'stuck-to-client': 'at the end messages still wait for a client',
  'stuck-client': 'at the end a client still waits for an answer',
  'lost-too-early': 'a client was declared lost that had not been silent long enough',
  'lost-behind-disk': 'a client was declared lost too early, for what was sent to it had to wait for the disk',
  'never-lost': 'a client is silent for long, and is not declared lost',
  'expired-too-early': 'a session was dropped before its time',
  'will-not-due': 'a will was published though the client was not lost',
  'will-missing': 'a client was declared lost, and its will was not published',
  'no-take-over': 'a client was sent away for a take-over that there was not',
  'dismissed-though-back': 'a client was sent away for the broker, which was there, or not away long enough',
  'locked-out': 'a CONNECT was refused though the broker was there',
  'connection-storm': 'the gateway connects to the broker again and again without a pause',
  'suback-not-granted': 'SUBACK says accepted, and the broker has not granted it',
  'promise-not-stored': 'an answer promised what a restart would not know',
  'forgotten-kept': 'what the operator has made the gateway forget went on at the broker, or after a restart',
  'subscription-differs': 'at the end the broker has other subscriptions than the client',
  'published-too-early': 'a publish reached the broker that had lost its session before it had all subscriptions again',
  'sent-to-sleeper': 'a message was sent to a client that sleeps',
  'pingresp-early': 'PINGRESP though messages waited for the client',
  'place-not-freed': 'at the end something of a client is left',
  'foreign-identity':
    'somebody of another identity, or of none, has touched the session of a client, or was answered for it',
  'denied-done': 'something was done that the access rules deny',
  invariant: 'an invariant of the gateway broke',
} as const;

export type Check = keyof typeof CHECKS;

export class Findings {
  readonly #without: ReadonlySet<string>;
  readonly #only: ReadonlySet<string>;
  readonly #now: () => number;
  first: Finding | undefined;

  /** `only`: empty for all. */
  constructor(without: ReadonlySet<string>, only: ReadonlySet<string>, now: () => number) {
    this.#without = without;
    this.#only = only;
    this.#now = now;
  }

  /** An objection; the first that is not switched off counts. */
  object(check: Check, text: string): void {
    const counts = !this.#without.has(check) && (this.#only.size === 0 || this.#only.has(check));
    if (counts && this.first === undefined) {
      this.first = { check, at: this.#now(), text };
    }
  }
}
