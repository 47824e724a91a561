/**
 * The books of what the broker answers by closing the connection (3.5 item 8): two such connections, and two wills, for one message, if the
 * gateway's own connection stands throughout; one, if the broker says that it is the message. Times in milliseconds of virtual time.
 */
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import { PAYLOAD_INVALID } from '../broker.ts';
import type { PublishEntry } from './account.ts';
import type { Findings } from './findings.ts';

/** The own connection may fall so much later than the client's, if the broker drops everybody. */
const FALLS_TOO = 1_000;

/** The broker was slow: what is not answered for so long is not suspected any more, and others are sent behind it (I-42). */
const NOT_SUSPECTED = 9_000;

interface Break {
  readonly connection: number;
  /** Since when the connection stood, for the gateway. */
  readonly since: number;
  /** When the gateway heard of its end. */
  readonly at: number;
  /** For how long the message had been out. */
  readonly out: number;
  /** The client may have waited for the disk when it broke: then it proves nothing, for what the gateway believed to be out may not have been (I-42). */
  readonly isHeld: boolean;
  /** The broker has named a reason that is the message's, and nothing else was out. */
  named: boolean;
}

interface Case {
  readonly clientId: string;
  readonly name: string;
  readonly breaks: Break[];
}

export class PoisonBook {
  readonly #findings: Findings;
  readonly #now: () => number;
  readonly #held: () => number;
  readonly #isHeld: () => boolean;
  #cases = new Map<PublishEntry, Case>();
  /** When connections stood, for the gateway. */
  #stood = new Map<number, number>();
  /** Connections that the broker has closed on a message, until the gateway hears of it. */
  #closed = new Map<number, { readonly entry: PublishEntry; readonly sentAt: number }>();
  /** When a message went out last, and on which connection. */
  #sent = new Map<PublishEntry, { readonly connection: number; readonly at: number }>();
  /** Connections that fell by chance. */
  #felled = new Map<number, 'alone' | 'with all'>();
  /** When the gateway heard of the end of connections. */
  #over = new Map<number, number>();
  #own: { readonly connection: number; readonly since: number } | undefined;
  /** What is out on each connection, by the packet that will answer it; 'never' for what has no answer. */
  #out = new Map<number, Set<string>>();
  /** Times for which the own connection stood, for the gateway. */
  #ownStood: { readonly since: number; readonly until: number }[] = [];

  /**
   * `held`: for how long what goes out may have waited for the disk, where it has gone out for the gateway meanwhile; `isHeld`: whether clients may
   * wait for the disk.
   */
  constructor(
    findings: Findings,
    now: () => number,
    held: () => number = () => 0,
    isHeld: () => boolean = () => false,
  ) {
    this.#held = held;
    this.#isHeld = isHeld;
    this.#findings = findings;
    this.#now = now;
  }

  /** What it suspects is not on disk. */
  gatewayStarted(): void {
    this.#cases = new Map();
    this.#stood = new Map();
    this.#closed = new Map();
    this.#sent = new Map();
    this.#felled = new Map();
    this.#over = new Map();
    this.#own = undefined;
    this.#ownStood = [];
    this.#out = new Map();
  }

  /** The gateway says something to the broker; what waited for the disk may have been out, for it, when the connection broke. */
  emitted(effect: UpstreamEffect): void {
    for (const { breaks } of this.#cases.values()) {
      const last = breaks.at(-1);
      if (last?.connection === effect.connection) {
        last.named = false;
      }
    }
    const out = this.#out.get(effect.connection) ?? new Set();
    this.#out.set(effect.connection, out);
    switch (effect.type) {
      case 'upstream-publish':
        out.add(effect.qos === 0 ? 'never' : `first ${effect.packetId}`);
        return;
      case 'upstream-release':
        out.add(`PUBCOMP ${effect.packetId}`);
        return;
      case 'upstream-subscribe':
      case 'upstream-unsubscribe':
        out.add(`first ${effect.packetId}`);
    }
  }

  #answered(input: UpstreamInput): void {
    const out = this.#out.get(input.connection);
    if (input.type === 'upstream-acknowledged') {
      out?.delete(input.packet === 'PUBCOMP' ? `PUBCOMP ${input.packetId}` : `first ${input.packetId}`);
    } else if (input.type === 'upstream-subscribed' || input.type === 'upstream-unsubscribed') {
      out?.delete(`first ${input.packetId}`);
    }
  }

  /** The client begins anew with it, or its session is gone. */
  forgets(entry: PublishEntry): void {
    this.#cases.delete(entry);
  }

  sentUp(entry: PublishEntry, connection: number): void {
    this.#sent.set(entry, { connection, at: this.#now() });
  }

  fells(connection: number, how: 'alone' | 'with all'): void {
    this.#felled.set(connection, how);
  }

  /**
   * Whether the connection on which a message went out last fell by chance, and it looked as if the message had been the reason: it fell alone, or the
   * gateway heard of the fall of the own one so much later.
   */
  wasFelled(entry: PublishEntry): boolean {
    return this.fellByChance(this.#sent.get(entry)?.connection ?? 0);
  }

  fellByChance(connection: number): boolean {
    const over = this.#over.get(connection) ?? Number.POSITIVE_INFINITY;
    const how = this.#felled.get(connection);
    const stoodOn = this.#ownTimes.some(({ since, until }) => since <= over && until >= over + FALLS_TOO);
    return how === 'alone' || (how === 'with all' && stoodOn);
  }

  /** The broker closes a connection on a message. */
  closes(clientId: string, entry: PublishEntry, connection: number): void {
    const known = this.#cases.get(entry) ?? { clientId, name: entry.action.name, breaks: [] };
    this.#cases.set(entry, known);
    const proof = known.breaks.find((past, index) => past.named || (index > 0 && this.#proves(past)));
    if (proof !== undefined) {
      this.#findings.object(
        'poison-repeated',
        `${clientId}: ${known.name} closes a connection for the ${known.breaks.length + 1}th time, ${(this.#now() - proof.at) / 1000} s after it was proven to`,
      );
    }
    this.#closed.set(connection, { entry, sentAt: this.#sent.get(entry)?.at ?? this.#now() });
  }

  /** The gateway ends a connection: it has decided so, and waited for the disk, before it could hear that the broker has. */
  ended(connection: number): void {
    for (const { breaks } of this.#cases.values()) {
      const place = breaks.findIndex((past) => past.connection === connection);
      if (place >= 0) {
        breaks.splice(place, 1);
      }
    }
    this.#acquits(connection);
    this.#closed.delete(connection);
  }

  /** A connection ends for another reason: what was out on it for so long is not suspected any more. */
  #acquits(connection: number): void {
    for (const [entry, sent] of this.#sent) {
      if (sent.connection === connection && this.#now() - sent.at >= NOT_SUSPECTED) {
        this.#cases.delete(entry);
      }
    }
  }

  /** Times for which the own connection has stood, up to now. */
  get #ownTimes(): readonly { readonly since: number; readonly until: number }[] {
    const stands = this.#own === undefined ? [] : [{ since: this.#own.since, until: this.#now() }];
    return [...this.#ownStood, ...stands];
  }

  /** I-70: one that came up in the same moment has seen no quiet second. */
  #proves({ since, at, out, isHeld }: Break): boolean {
    const until = at + FALLS_TOO;
    const stood = this.#ownTimes.some((own) => own.since < since && own.until > until);
    return stood && out < NOT_SUSPECTED && !isHeld;
  }

  /** The gateway hears of the broker. */
  heard(input: UpstreamInput, own: boolean): void {
    const now = this.#now();
    this.#answered(input);
    if (input.type === 'upstream-connected') {
      this.#stood.set(input.connection, now);
      if (own) {
        this.#own = { connection: input.connection, since: now };
      }
    } else if (input.type === 'upstream-lost') {
      if (this.#own?.connection === input.connection) {
        this.#ownStood.push({ since: this.#own.since, until: now });
        this.#own = undefined;
      }
      this.#ends(input, now);
    }
  }

  #ends({ connection, ours, reasonCode }: Extract<UpstreamInput, { type: 'upstream-lost' }>, now: number): void {
    const named = reasonCode === PAYLOAD_INVALID && this.#out.get(connection)?.size === 1;
    this.#out.delete(connection);
    this.#over.set(connection, now);
    const since = this.#stood.get(connection);
    const closed = this.#closed.get(connection);
    this.#stood.delete(connection);
    this.#closed.delete(connection);
    if (closed !== undefined && since !== undefined && ours !== true) {
      this.#cases.get(closed.entry)?.breaks.push({
        connection,
        since,
        at: now,
        out: now - closed.sentAt + this.#held(),
        isHeld: this.#isHeld(),
        named: named && closed.entry.action.qos > 0, // a copy of QoS 0 is a message of its own
      });
    } else {
      this.#acquits(connection);
    }
  }
}
