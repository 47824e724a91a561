/** One run: a plan is carried out in virtual time, and the books are looked at. */
import { decode } from '../../src/codec/decode.ts';
import { type Note, Restored, type TransportEffect } from './adapter.ts';
import { Books } from './books/books.ts';
import { Calm } from './books/calm.ts';
import { type Finding, Findings } from './books/findings.ts';
import { Broker } from './broker.ts';
import { Client } from './client.ts';
import { Disk } from './disk.ts';
import { Faults } from './faults.ts';
import { Gateway } from './gateway.ts';
import { Medium } from './medium.ts';
import { changesMode, everShares, type Plan } from './plan.ts';
import { stream } from './streams.ts';
import { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';

export interface RunOptions {
  /** Checks that are off. */
  readonly without: ReadonlySet<string>;
  /** The only checks that are on; none: all. */
  readonly only: ReadonlySet<string>;
  /** Whether the story is written. */
  readonly traced: boolean;
}

export interface RunResult {
  readonly finding: Finding | undefined;
  readonly story: readonly string[];
  /** Events that were worked off. */
  readonly events: number;
}

/** Publishes at the same time with which each client asks whether all its places are free. */
const BURST = 16;

/** From the clean departure of everybody to the last look. */
const DEPARTURE = 120_000;

/** What the store has of the shared connection. */
const SHARED_KEYS = /^(message|parcel|filter|relay|fired-will)\/|^doubt$/;

/** Promises of the store that settle reach the driver in less steps than that. */
const MICROTASKS = 12;

export class World {
  readonly plan: Plan;
  readonly timeline = new Timeline();
  readonly calm: Calm;
  readonly trace: Trace;
  readonly findings: Findings;
  readonly books: Books;
  readonly broker: Broker;
  readonly disk: Disk;
  readonly gateway: Gateway;
  readonly media = new Map<string, Medium>();
  readonly clients: Client[] = [];
  #hasSettled = false;

  constructor(plan: Plan, options: RunOptions) {
    this.plan = plan;
    const { timeline } = this;
    const now = (): number => timeline.now;
    this.calm = new Calm(now);
    this.trace = new Trace(now, options.traced);
    this.findings = new Findings(options.without, options.only, now);
    const asks = stream(plan.seed, 'questions');
    this.books = new Books({
      plan,
      findings: this.findings,
      calm: this.calm,
      now,
      later: (delay, run) => timeline.after(delay, run),
      broker: () => this.broker,
      restored: () => this.#restored(),
      asksDisk: () => this.disk.full || asks.chance(0.1),
    });
    const { topicPrefix } = plan.gateway;
    const shared = everShares(plan) ? { topicPrefix } : {};
    this.broker = new Broker({ plan: plan.broker, ...shared, timeline, books: this.books });
    this.disk = new Disk(timeline, stream(plan.seed, 'disk'), () => {
      this.#hasSettled = true;
    });
    for (const medium of plan.media) {
      const toGateway = (link: string, frame: Uint8Array): void => this.gateway.frame(link, frame);
      this.media.set(medium.name, new Medium({ plan: medium, timeline, toGateway, isCalm: () => this.isHealed }));
    }
    this.gateway = new Gateway({
      plan,
      timeline,
      broker: this.broker,
      disk: this.disk,
      books: this.books,
      trace: this.trace,
      send: (effect) => this.#send(effect),
      note: (note) => this.#note(note),
    });
    for (const client of plan.clients) {
      const medium = this.media.get(client.medium);
      if (medium !== undefined) {
        const { seed } = plan;
        this.clients.push(
          new Client({ plan: client, seed, timeline, medium, books: this.books, isCalm: () => this.isHealed }),
        );
      }
    }
  }

  get isHealed(): boolean {
    return this.timeline.now >= this.plan.healed;
  }

  #restored(): Restored {
    const { plan, disk } = this;
    const random = stream(plan.seed, 'restored');
    return new Restored(this.gateway.settings, plan.media, disk.records(), random, changesMode(plan));
  }

  #send(effect: TransportEffect): void {
    if (effect.type === 'broadcast') {
      return;
    }
    const { link, frame } = effect;
    this.trace.frame(link, '<', frame);
    this.books.sent(link, decode(frame));
    this.media.get(link.slice(0, link.indexOf(':')))?.down(effect);
  }

  #note(note: Note): void {
    this.trace.note(note);
    this.books.noted(note);
  }

  async run(): Promise<RunResult> {
    const { timeline, plan } = this;
    this.gateway.start();
    new Faults(this).schedule();
    for (let at = 60_000; at < plan.end; at += 60_000) {
      timeline.at(at, () => this.books.look());
    }
    if (plan.burst) {
      timeline.at(plan.end - 120_000, () => this.#burst());
    }
    await this.#pass(plan.end);
    if (this.findings.first === undefined) {
      this.#lookAtEnd();
      await this.#everybodyLeaves();
    }
    const { first } = this.findings;
    if (first !== undefined) {
      this.trace.say(`${first.check}: ${first.text}`);
    }
    return { finding: first, story: this.trace.lines, events: timeline.count };
  }

  async #pass(end: number): Promise<void> {
    try {
      while (this.findings.first === undefined && this.timeline.step(end)) {
        if (this.#hasSettled) {
          this.#hasSettled = false;
          for (let step = 0; step < MICROTASKS; step++) {
            await undefined;
          }
        }
      }
    } catch (error) {
      this.findings.object('invariant', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  /** T-36: sixteen at a time, with everything healthy: is a place of former exchanges still taken? */
  #burst(): void {
    for (const client of this.clients) {
      const actions = Array.from({ length: BURST }, (_, index) => ({
        at: 0,
        do: 'publish' as const,
        name: `${client.plan.id}.burst${index}`,
        qos: 1 as const,
        topic: 'zz',
        form: 'short' as const,
        size: 0,
        retain: false,
        poison: false,
        stops: false,
      }));
      client.burst(actions);
    }
  }

  #lookAtEnd(): void {
    const present = this.clients.filter(({ isDead, state }) => !isDead && state !== 'away' && state !== 'off');
    this.books.atEnd(new Map(present.map(({ plan, unfinished }) => [plan.id, unfinished])));
  }

  /** Everybody comes back once more, clean, and leaves: nothing is left of anybody then. */
  async #everybodyLeaves(): Promise<void> {
    const staying = this.clients.filter(({ isDead }) => !isDead);
    for (const client of staying) {
      client.leaveClean();
    }
    await this.#pass(this.timeline.now + DEPARTURE);
    const keys = this.disk.keys();
    for (const { plan } of staying) {
      const left = keys.filter((key) => key.split('/').includes(plan.id));
      if (this.books.hasLeftClean(plan.id) && left.length > 0) {
        this.findings.object(
          'place-not-freed',
          `after the clean departure of ${plan.id} the store has ${left.join(', ')}`,
        );
      }
    }
    const isEmpty = this.clients.every(({ plan, isDead }) => !isDead && this.books.hasLeftClean(plan.id));
    const unreleased = this.disk.waitingForRelease();
    const left = keys.filter((key) => SHARED_KEYS.test(key) && !unreleased.has(key));
    if (isEmpty && !this.plan.events.some((event) => event.do === 'stranger') && left.length > 0) {
      this.findings.object('place-not-freed', `everybody has left, and the store has ${left.join(', ')}`);
    }
  }
}
