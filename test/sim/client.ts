/** A client of MQTT-SN, by the rules: it knows only what it was told over the air. Its plan says what it wants and how it behaves. */
import type { Message } from '../../src/codec/message.ts';
import { Air } from './air.ts';
import type { Books } from './books/books.ts';
import { Inbox } from './inbox.ts';
import type { Medium } from './medium.ts';
import { Outbox } from './outbox.ts';
import type { Action, ClientPlan } from './plan.ts';
import { Presence } from './presence.ts';
import { Requests } from './requests.ts';
import { ask } from './sayings.ts';
import { type Random, stream } from './streams.ts';
import type { Timeline } from './timeline.ts';
import { Wishes } from './wishes.ts';

export interface ClientParts {
  readonly plan: ClientPlan;
  readonly seed: number;
  readonly timeline: Timeline;
  readonly medium: Medium;
  readonly books: Books;
  readonly isCalm: () => boolean;
}

export class Client {
  readonly plan: ClientPlan;
  readonly #parts: ClientParts;
  readonly #random: Random;
  readonly #requests: Requests;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #air: Air;
  readonly #wishes = new Wishes();
  readonly #presence: Presence;
  #isDead = false;

  constructor(parts: ClientParts) {
    this.plan = parts.plan;
    this.#parts = parts;
    const { plan, timeline, books, seed } = parts;
    this.#random = stream(seed, `client ${plan.id}`);
    this.#air = new Air({
      plan,
      seed,
      medium: parts.medium,
      books,
      hear: (message, sentAt) => this.#hear(message, sentAt),
    });
    this.#requests = new Requests({
      timeline,
      retry: plan.retry,
      retries: plan.retries,
      send: (message) => this.#air.send(message),
      onSilence: (request) => this.#presence.unanswered(request),
    });
    this.#inbox = new Inbox({ plan, books, answer: (message) => this.#answerLater(message), isGood: parts.isCalm });
    this.#outbox = new Outbox({
      plan,
      books,
      requests: this.#requests,
      names: this.#inbox.names,
      send: (message) => this.#air.send(message),
      onDone: () => this.#next(),
      onPowerFailure: () => this.#presence.reboot(this.#random.between(200, 20_000)),
    });
    this.#presence = new Presence({
      plan,
      timeline,
      books,
      random: this.#random,
      requests: this.#requests,
      inbox: this.#inbox,
      outbox: this.#outbox,
      wishes: this.#wishes,
      next: () => this.#next(),
    });
    for (const action of plan.actions) {
      timeline.at(action.at, () => this.#due(action));
    }
  }

  get state(): Presence['state'] {
    return this.#presence.state;
  }

  /** What it still waits for, for people; nothing where it has all that it wants. */
  get unfinished(): string {
    return this.#isDead || this.#presence.state === 'asleep' || this.#presence.state === 'away'
      ? ''
      : this.#requests.waiting;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Everything that it still wanted is put off for good; it comes back and leaves, clean. */
  leaveClean(): void {
    this.#wishes.clear();
    this.#presence.sleep = 0;
    this.#presence.leaves = true;
    this.#air.isDead = false;
    this.#presence.connect(true);
  }

  /** Somebody switches it off, and on again after `off`. */
  reset(off: number): void {
    if (!this.#isDead && !this.#presence.leaves) {
      this.#presence.reboot(off);
    }
  }

  /** So many QoS 1 publishes at the same time, whatever else is under way. */
  burst(actions: readonly Extract<Action, { do: 'publish' }>[]): void {
    if (this.#presence.state === 'active') {
      for (const action of actions) {
        this.#outbox.publish(action);
      }
    }
  }

  #due(action: Action): void {
    if (this.#isDead || this.#presence.leaves) {
      return;
    }
    switch (action.do) {
      case 'reboot':
        this.#presence.reboot(action.off);
        return;
      case 'die':
        this.#isDead = true;
        this.#presence.off();
        return;
      case 'silence':
        this.#air.isDead = true;
        this.#parts.timeline.after(action.for, () => {
          this.#air.isDead = false;
        });
        return;
      case 'move':
        this.#air.move();
        return;
      case 'publish':
        if (action.qos === -1 && this.#presence.state !== 'off') {
          this.#outbox.publish(action);
          return;
        }
        break;
      case 'connect':
        if (this.#presence.state !== 'off') {
          this.#presence.connect(action.clean || this.plan.clean);
        } else {
          this.#presence.boot();
        }
        return;
    }
    this.#wishes.add(action);
    this.#next();
  }

  /** Takes up what is next, where nothing else is under way. */
  #next(): void {
    if (this.#presence.state === 'asleep' && this.#wishes.count > 0) {
      this.#presence.connect(this.plan.clean);
      return;
    }
    if (this.#presence.state !== 'active' || this.#requests.count > 1) {
      return;
    }
    const busy = this.#requests.count > 0 || this.#outbox.count > 0;
    const { first } = this.#wishes;
    const mayOverlap = first?.do === 'publish' && this.#outbox.count < this.plan.window && this.#outbox.count > 0;
    if (busy && !mayOverlap) {
      if (this.#requests.count === 0) {
        this.#presence.later(2_000, () => this.#next());
      }
      return;
    }
    const wanted = this.#wishes.nextFilter();
    if (wanted !== undefined) {
      this.#outbox.subscribe(wanted);
      return;
    }
    this.#wishes.take();
    if (first !== undefined) {
      this.#do(first);
    } else if (this.#presence.sleep > 0) {
      this.#presence.later(this.#random.between(500, 3_000), () => this.#presence.fallAsleep());
    }
  }

  #do(action: Action): void {
    switch (action.do) {
      case 'publish':
        this.#outbox.publish(action);
        if (this.#outbox.count < this.plan.window) {
          this.#parts.timeline.after(20, () => this.#next());
        }
        return;
      case 'subscribe':
        this.#next();
        return;
      case 'unsubscribe':
        this.#wishes.unwanted(action.filter);
        this.#outbox.subscribe(action);
        return;
      case 'sleep':
        this.#presence.sleep = action.duration;
        this.#next();
        return;
      case 'leave':
        this.#presence.disconnect();
        return;
      case 'will':
        this.#updateWill(action.name);
        return;
    }
  }

  #updateWill(name: string): void {
    if (this.plan.will === undefined) {
      this.#next();
      return;
    }
    const update: Message = { type: 'WILLMSGUPD', willMsg: Buffer.from(name, 'latin1') };
    ask(this.#requests, update, 'WILLMSGRESP', () => this.#next());
  }

  #hear(message: Message, sentAt: number): void {
    if (this.#presence.state === 'off' || this.#presence.state === 'asleep') {
      return;
    }
    if (this.#presence.state === 'awake') {
      this.#requests.restart();
    }
    if (this.#requests.receive(message)) {
      return;
    }
    if (message.type === 'DISCONNECT') {
      if (this.#presence.state !== 'away' && this.#presence.state !== 'connecting') {
        this.#presence.lostGateway();
      }
    } else if (message.type === 'PINGREQ') {
      this.#answerLater({ type: 'PINGRESP' });
    } else if (this.#presence.state !== 'away') {
      this.#inbox.receive(message, sentAt);
    }
  }

  #answerLater(message: Message): void {
    const life = this.#presence.life;
    const [low, high] = this.plan.answerDelay;
    const delay = this.#random.between(low, high);
    this.#parts.timeline.after(delay, () => {
      if (life === this.#presence.life && this.#presence.state !== 'asleep' && this.#presence.state !== 'off') {
        this.#air.send(message);
      }
    });
  }
}
