/**
 * What the broker stands of the publishes that share the gateway's own connection, and on what it closes it (I-72). They have QoS 0 and no answer
 * of their own, so after a connection broke with some of them out each kind is tried once before it goes like everything else: several at a time,
 * as many more as stand; those on which a connection breaks then one at a time.
 *
 * A kind is a topic with or without Retain. A broker closes on it whatever its size, or from a size on; and a size that has stood is not too long
 * for any kind that stands.
 */

import type { Millis } from '../contract/link.ts';
import { isOperators, type OwnPublish } from './own-publish.ts';
import { remember } from './remember.ts';

/** How long kinds are tried after a connection broke; how long one is refused at first, twice as long each further time. */
const WHILE: Millis = 600_000;
const LONGEST: Millis = 3_600_000;

/** How many kinds are tried at a time, at first and at most; twice as many whenever they have stood, one where they have not. */
const FIRST_WINDOW = 4;
const LARGEST_WINDOW = 64;

/** After a connection broke on one of them: how many times in a row they stand before there are more of them. */
const CAUTION = 8;

/** How often a kind fells a connection, alone, before it is refused: the first time may have been chance. */
const TWICE = 2;

/** The pause of a source after it felled a connection, twice as long each further time. */
const PAUSE: Millis = 5_000;
const LONGEST_PAUSE: Millis = 300_000;

/** A host may have so many links that felled a connection before it pauses as a whole. */
const LINKS_FREE = 3;

/** Kinds that have stood, kinds that felled a connection, sources that did: of each the one that was used longest ago is forgotten first. */
const KINDS = 4_096;
const REMEMBERED = 1_024;

/** A publish as it is tried. */
export interface Trial {
  readonly publish: OwnPublish;
  readonly kind: string;
  /** Of the packet. */
  readonly octets: number;
}

/** Why a publish is not for this broker, or not now. */
export type TrialRefusal = 'condemned' | 'too-long' | 'paused';

interface Falls {
  readonly falls: number;
  readonly until: Millis;
}

export class PublishTrials {
  /** Those that are being tried. */
  out: Trial[] = [];
  /** It is one, alone, and everything else waits: how many clients' connections had broken when it went out. */
  alone: { readonly falls: number } | undefined;
  /** On this one the last connection broke, alone; judged when the next one stands. */
  accused: { readonly trial: Trial; readonly falls: number } | undefined;
  /** Connections in a row that broke on one that was out alone: the broker is there, and the pause does not grow. */
  excused = 0;
  /** The last that went out. */
  last: OwnPublish | undefined;
  /** The broker has answered something on this connection. */
  shown = false;
  /** When it was asked last. */
  askedAt: Millis = Number.NEGATIVE_INFINITY;
  /** The broker does not answer in time: this connection goes on without trials. */
  suspended = false;
  #until: Millis = Number.NEGATIVE_INFINITY;
  #window = FIRST_WINDOW;
  /** Times that they have to stand before there are more of them. */
  #caution = 0;
  /** The largest of each kind that has stood, and of all. */
  readonly #stood = new Map<string, number>();
  #largest = 0;
  /** The smallest of each kind that felled a connection, or was tried with others when one broke. */
  readonly #felled = new Map<string, Falls & { readonly octets: number }>();
  /** Links, and hosts. */
  readonly #sources = new Map<string, Falls>();
  /** Whatever is so long is refused: a topic that stands with less fell with it. */
  #limit = { octets: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };

  /** A connection broke, perhaps on a publish: until further notice kinds are tried. */
  begin(now: Millis): void {
    if (!this.isWary(now)) {
      this.#window = FIRST_WINDOW;
      this.#caution = 0;
    }
    this.#until = Math.max(this.#until, now + WHILE);
  }

  /** Whether anything may be refused. */
  isWary(now: Millis): boolean {
    return now < this.#until;
  }

  /** Whether kinds are tried, on this connection. */
  isCareful(now: Millis): boolean {
    return this.isWary(now) && !this.suspended;
  }

  /** Kinds and sources that are remembered. */
  get size(): number {
    return this.#stood.size + this.#felled.size + this.#sources.size;
  }

  /** Another connection, or none. */
  connectionChanged(): void {
    this.out = [];
    this.alone = undefined;
    this.shown = false;
    this.suspended = false;
  }

  /** Whether the broker is known to stand it. */
  stands({ kind, octets }: Trial): boolean {
    return this.#stood.has(kind) && octets <= this.#largest && !this.#hasFelled(kind, octets);
  }

  #hasFelled(kind: string, octets: number): boolean {
    return octets >= (this.#felled.get(kind)?.octets ?? Number.POSITIVE_INFINITY);
  }

  /** Whether it has to be tried alone. */
  isSuspect({ kind, octets }: Trial): boolean {
    return this.#window === 1 || this.#hasFelled(kind, octets);
  }

  /** Whether another one may be tried beside those that are out. */
  get takesMore(): boolean {
    return this.out.length < this.#window;
  }

  /** The broker has answered what was asked behind those that were tried. */
  stood(): void {
    for (const { kind, octets } of this.out) {
      remember(this.#stood, kind, Math.max(octets, this.#stood.get(kind) ?? 0), KINDS);
      this.#largest = Math.max(octets, this.#largest);
      if (this.#hasFelled(kind, octets)) {
        this.#felled.delete(kind);
      }
    }
    if (this.out.length > 0 && --this.#caution < 0) {
      this.#window = Math.min(LARGEST_WINDOW, 2 * this.#window);
    }
    this.out = [];
    this.alone = undefined;
  }

  /** A connection broke on one of those that were being tried: the next time each is alone. */
  suspect(tried: readonly Trial[], now: Millis): void {
    this.#window = 1;
    this.#caution = CAUTION;
    for (const { kind, octets } of tried) {
      const { falls = 0, until = now, octets: known = octets } = this.#felled.get(kind) ?? {};
      remember(this.#felled, kind, { falls, until, octets: Math.min(known, octets) }, REMEMBERED);
    }
  }

  /** A connection broke, and no publish was out alone: what has stood is tried anew, and what fell once may have been chance. */
  unexplained(): void {
    this.#stood.clear();
    this.#largest = 0;
    for (const [kind, { falls }] of this.#felled) {
      if (falls < TWICE) {
        this.#felled.delete(kind);
      }
    }
  }

  /** Why it does not go out; undefined: it may. */
  refusal(trial: Trial, now: Millis): TrialRefusal | undefined {
    if (!this.isWary(now) || this.stands(trial)) {
      return undefined;
    }
    const { kind, octets, publish } = trial;
    const felled = this.#felled.get(kind);
    if (felled && octets >= felled.octets && now < felled.until) {
      return 'condemned';
    }
    if (octets >= this.#limit.octets && now < this.#limit.until) {
      return 'too-long';
    }
    const isPaused = [publish.link, publish.host ?? ''].some((name) => now < (this.#sources.get(name)?.until ?? now));
    return isPaused ? 'paused' : undefined;
  }

  /** A connection broke on it, alone. `proven`: the broker has said so. True where that is no chance: its kind, or its sender, has done so before. */
  felled({ publish, kind, octets }: Trial, proven: boolean, now: Millis): boolean {
    const ofHost = publish.host === undefined ? 0 : this.#pause(publish.host, LINKS_FREE, now);
    const ofLink = isOperators(publish) ? 0 : this.#pause(publish.link, 0, now); // what else the operator has is none of its fault
    const known = this.#felled.get(kind);
    const falls = Math.max(proven ? TWICE : 1, recent(known, now) + 1);
    const until = falls < TWICE ? now : now + Math.min(LONGEST, WHILE * 2 ** (falls - TWICE));
    remember(this.#felled, kind, { falls, until, octets: Math.min(octets, known?.octets ?? octets) }, REMEMBERED);
    this.begin(until);
    if (falls < TWICE) {
      return ofLink >= TWICE || ofHost > LINKS_FREE;
    }
    if (octets <= (this.#stood.get(kind) ?? 0)) {
      this.#stood.delete(kind);
    } else if (this.#stood.has(kind) && octets > this.#largest) {
      this.#limit = { octets: now < this.#limit.until ? Math.min(octets, this.#limit.octets) : octets, until };
    }
    return true;
  }

  #pause(name: string, free: number, now: Millis): number {
    const falls = recent(this.#sources.get(name), now) + 1;
    const until = falls <= free ? now : now + Math.min(LONGEST_PAUSE, PAUSE * 2 ** (falls - free - 1));
    remember(this.#sources, name, { falls, until }, REMEMBERED);
    return falls;
  }
}

/** How often it fell, where that is not too long ago to count. */
function recent(known: Falls | undefined, now: Millis): number {
  return known && now < known.until + LONGEST ? known.falls : 0;
}
