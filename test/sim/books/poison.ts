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
  /** How often the client had begun anew when it was published. */
  readonly beginning: number;
  readonly breaks: Break[];
}

export class PoisonBook {
  readonly #findings: Findings;
  readonly #now: () => number;
  readonly #held: () => number;
  readonly #isHeld: () => boolean;
  #cases = new Map<PublishEntry, Case[]>();
  /** How often the client has begun anew with a message, and the beginning that each packet of it is of: on a shared connection one of before goes on without it. */
  #begun = new Map<PublishEntry, number>();
  #packets = new Map<PublishEntry, Map<number, number>>();
  /** Which beginnings of a message have been out on a connection. */
  #outOn = new Map<number, Map<PublishEntry, Set<number>>>();
  /** When connections stood, for the gateway. */
  #stood = new Map<number, number>();
  /** Connections that the broker has closed on a message, until the gateway hears of it. */
  #closed = new Map<number, { readonly entry: PublishEntry; readonly of: readonly Case[]; readonly sentAt: number }>();
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
    this.#begun = new Map();
    this.#packets = new Map();
    this.#outOn = new Map();
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
    for (const { breaks } of this.#allCases) {
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
    this.#begun.set(entry, (this.#begun.get(entry) ?? 0) + 1);
  }

  get #allCases(): readonly Case[] {
    return [...this.#cases.values()].flat();
  }

  /** `packetId`: where it means the same packet over connections; else 0. */
  sentUp(entry: PublishEntry, connection: number, packetId = 0): void {
    const packets = this.#packets.get(entry) ?? new Map<number, number>();
    const beginning = (packetId === 0 ? undefined : packets.get(packetId)) ?? this.#begun.get(entry) ?? 0;
    this.#packets.set(entry, packets.set(packetId, beginning));
    const out = this.#outOn.get(connection) ?? new Map<PublishEntry, Set<number>>();
    this.#outOn.set(connection, out.set(entry, (out.get(entry) ?? new Set()).add(beginning)));
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

  /** Connections that fell by chance with a message out: the first break needs no witness (I-42). */
  fallsByChance(entry: PublishEntry): number {
    return [...this.#felled.keys()].filter((connection) => this.#outOn.get(connection)?.has(entry)).length;
  }

  fellByChance(connection: number): boolean {
    const over = this.#over.get(connection) ?? Number.POSITIVE_INFINITY;
    const how = this.#felled.get(connection);
    const stoodOn = this.#ownTimes.some(({ since, until }) => since <= over && until >= over + FALLS_TOO);
    return how === 'alone' || (how === 'with all' && stoodOn);
  }

  /** The broker closes a connection on a message. */
  closes(clientId: string, entry: PublishEntry, connection: number): void {
    const beginnings = this.#outOn.get(connection)?.get(entry) ?? new Set([this.#begun.get(entry) ?? 0]);
    const all = [...beginnings].map((beginning) => this.#caseOf(entry, beginning));
    const proofs = all.flatMap(
      ({ breaks }) => breaks.find((past, index) => past.named || (index > 0 && this.#proves(past))) ?? [],
    );
    const [proof] = proofs;
    if (proof !== undefined && proofs.length === all.length) {
      const times = Math.max(...all.map(({ breaks }) => breaks.length)) + 1;
      this.#findings.object(
        'poison-repeated',
        `${clientId}: ${entry.action.name} closes a connection for the ${times}th time, ${(this.#now() - proof.at) / 1000} s after it was proven to`,
      );
    }
    this.#closed.set(connection, { entry, of: all, sentAt: this.#sent.get(entry)?.at ?? this.#now() });
  }

  #caseOf(entry: PublishEntry, beginning: number): Case {
    const all = this.#cases.get(entry) ?? [];
    const found = all.find((one) => one.beginning === beginning) ?? { beginning, breaks: [] };
    this.#cases.set(entry, all.includes(found) ? all : [...all, found]);
    return found;
  }

  /** The gateway ends a connection: it has decided so, and waited for the disk, before it could hear that the broker has. */
  ended(connection: number): void {
    for (const { breaks } of this.#allCases) {
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
      const last = {
        connection,
        since,
        at: now,
        out: now - closed.sentAt + this.#held(),
        isHeld: this.#isHeld(),
        named: named && closed.entry.action.qos > 0, // a copy of QoS 0 is a message of its own
      };
      for (const one of closed.of) {
        if (this.#cases.get(closed.entry)?.includes(one)) {
          one.breaks.push({ ...last });
        }
      }
    } else {
      this.#acquits(connection);
      if (since !== undefined && now - since >= NOT_SUSPECTED && this.#isHeld()) {
        this.#cases = new Map(); // its turn to be out alone may have passed while it waited for the disk: the others do not wait for that
      }
    }
  }
}
