/** A client of MQTT-SN, by the rules: it knows only what it was told over the air. Its plan says what it wants and how it behaves. */
import { type Message, RETURN_CODE } from '../../src/codec/message.ts';
import { Air } from './air.ts';
import { Alarm } from './alarm.ts';
import type { Books } from './books/books.ts';
import { askToConnect } from './connecting.ts';
import { Inbox } from './inbox.ts';
import type { Medium } from './medium.ts';
import { Outbox } from './outbox.ts';
import type { Action, ClientPlan } from './plan.ts';
import { type Request, Requests } from './requests.ts';
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

type State = 'off' | 'away' | 'connecting' | 'active' | 'asleep' | 'awake';

export class Client {
  readonly plan: ClientPlan;
  readonly #parts: ClientParts;
  readonly #random: Random;
  readonly #requests: Requests;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  #state: State = 'off';
  readonly #air: Air;
  readonly #wishes = new Wishes();
  /** Seconds; 0: it does not sleep. */
  #sleep = 0;
  #isDead = false;
  /** Answers that are on their way belong to one life. */
  #life = 0;
  readonly #alarm: Alarm;
  readonly #ping: Alarm;
  /** The next CONNECT: a will dialogue, and whether it starts clean. */
  #asksWill: boolean;
  #wills = 0;
  #cycles = 0;
  #leaves = false;

  constructor(parts: ClientParts) {
    this.plan = parts.plan;
    this.#parts = parts;
    const { plan, timeline, books, seed } = parts;
    this.#alarm = new Alarm(timeline);
    this.#ping = new Alarm(timeline);
    this.#random = stream(seed, `client ${plan.id}`);
    this.#asksWill = plan.will !== undefined;
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
      onSilence: (request) => this.#unanswered(request),
    });
    this.#inbox = new Inbox({ plan, books, answer: (message) => this.#answerLater(message), isGood: parts.isCalm });
    this.#outbox = new Outbox({
      plan,
      books,
      requests: this.#requests,
      names: this.#inbox.names,
      send: (message) => this.#air.send(message),
      onDone: () => this.#next(),
      onPowerFailure: () => this.#reboot(this.#random.between(200, 20_000)),
    });
    for (const action of plan.actions) {
      timeline.at(action.at, () => this.#due(action));
    }
  }

  get state(): State {
    return this.#state;
  }

  /** What it still waits for, for people; nothing where it has all that it wants. */
  get unfinished(): string {
    return this.#isDead || this.#state === 'asleep' || this.#state === 'away' ? '' : this.#requests.waiting;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Everything that it still wanted is put off for good; it comes back and leaves, clean. */
  leaveClean(): void {
    this.#wishes.clear();
    this.#sleep = 0;
    this.#leaves = true;
    this.#air.isDead = false;
    this.#connect(true);
  }

  /** So many QoS 1 publishes at the same time, whatever else is under way. */
  burst(actions: readonly Extract<Action, { do: 'publish' }>[]): void {
    if (this.#state === 'active') {
      for (const action of actions) {
        this.#outbox.publish(action);
      }
    }
  }

  #due(action: Action): void {
    if (this.#isDead || this.#leaves) {
      return;
    }
    switch (action.do) {
      case 'reboot':
        this.#reboot(action.off);
        return;
      case 'die':
        this.#isDead = true;
        this.#off();
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
        if (action.qos === -1 && this.#state !== 'off') {
          this.#outbox.publish(action);
          return;
        }
        break;
      case 'connect':
        if (this.#state !== 'off') {
          this.#connect(action.clean || this.plan.clean);
        } else {
          this.#boot();
        }
        return;
    }
    this.#wishes.add(action);
    this.#next();
  }

  #boot(): void {
    this.#state = 'away';
    this.#connect(this.plan.clean);
  }

  #reboot(off: number): void {
    this.#off();
    this.#outbox.reboot();
    this.#inbox.forget();
    this.#wishes.askAgain();
    this.#asksWill = this.plan.will !== undefined;
    this.#parts.books.rebooted(this.plan.id);
    this.#alarm.after(off, () => this.#boot());
  }

  #off(): void {
    this.#life++;
    this.#state = 'off';
    this.#requests.clear();
    this.#alarm.cancel();
    this.#ping.cancel();
  }

  #connect(clean: boolean): void {
    const { plan, books } = this.#parts;
    this.#requests.clear();
    this.#alarm.cancel();
    if (clean) {
      this.#outbox.abandon();
      this.#wishes.askAgain();
      this.#inbox.forget();
      this.#outbox.forgetTopics();
      this.#asksWill = plan.will !== undefined;
    } else if (plan.forgetsTopics) {
      this.#outbox.forgetTopics();
    }
    const will = this.#asksWill && plan.will !== undefined;
    this.#state = 'connecting';
    this.#wills++;
    books.connects(plan.id, clean);
    askToConnect({
      plan,
      requests: this.#requests,
      clean,
      will: will ? `w.${plan.id}.${this.#wills}` : undefined,
      onConnAck: (answer) => this.#connAck(answer.returnCode, clean),
    });
  }

  #connAck(returnCode: number, clean: boolean): void {
    const { books, plan } = this.#parts;
    if (returnCode !== RETURN_CODE.accepted) {
      books.connectRefused(plan.id, returnCode);
      this.#state = 'away';
      this.#alarm.after(this.#random.between(3_000, 30_000), () => this.#connect(clean));
      return;
    }
    this.#state = 'active';
    this.#asksWill = false;
    this.#requests.clear();
    this.#cycles = 0;
    this.#armPing();
    if (this.#leaves) {
      this.#disconnect();
      return;
    }
    this.#outbox.resume();
    this.#next();
  }

  #armPing(): void {
    const { keepAlive } = this.plan;
    if (keepAlive > 0) {
      this.#ping.after(keepAlive * this.#random.between(600, 950), () => {
        if (this.#state === 'active') {
          ask(this.#requests, { type: 'PINGREQ', clientId: undefined }, 'PINGRESP');
          this.#armPing();
        }
      });
    }
  }

  /** Takes up what is next, where nothing else is under way. */
  #next(): void {
    if (this.#state === 'asleep' && this.#wishes.count > 0) {
      this.#connect(this.plan.clean);
      return;
    }
    if (this.#state !== 'active' || this.#requests.count > 1) {
      return;
    }
    const busy = this.#requests.count > 0 || this.#outbox.count > 0;
    const { first } = this.#wishes;
    const mayOverlap = first?.do === 'publish' && this.#outbox.count < this.plan.window && this.#outbox.count > 0;
    if (busy && !mayOverlap) {
      if (this.#requests.count === 0) {
        this.#alarm.after(2_000, () => this.#next());
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
    } else if (this.#sleep > 0) {
      this.#alarm.after(this.#random.between(500, 3_000), () => this.#fallAsleep());
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
        this.#sleep = action.duration;
        this.#next();
        return;
      case 'leave':
        this.#disconnect();
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

  #disconnect(): void {
    this.#alarm.cancel();
    ask(this.#requests, { type: 'DISCONNECT', duration: undefined }, 'DISCONNECT', () => this.#goAway());
  }

  #goAway(): void {
    this.#state = 'away';
    this.#requests.clear();
    this.#alarm.cancel();
    if (this.plan.clean) {
      this.#outbox.abandon();
      this.#wishes.askAgain();
    }
  }

  #fallAsleep(): void {
    if (this.#state !== 'active' || this.#requests.count > 0 || this.#wishes.count > 0) {
      this.#next();
      return;
    }
    this.#alarm.cancel();
    this.#ping.cancel();
    ask(this.#requests, { type: 'DISCONNECT', duration: this.#sleep }, 'DISCONNECT', () => this.#asleep());
  }

  #asleep(): void {
    this.#state = 'asleep';
    if (this.#wishes.count > 0) {
      this.#alarm.after(200, () => this.#next());
      return;
    }
    this.#alarm.after(this.#sleep * this.#random.between(500, 950), () => this.#wake());
  }

  #wake(): void {
    this.#state = 'awake';
    ask(this.#requests, { type: 'PINGREQ', clientId: this.plan.id }, 'PINGRESP', () => {
      this.#cycles = 0;
      this.#asleep();
    });
  }

  #unanswered({ message }: Request): void {
    if (message.type === 'PINGREQ' && message.clientId !== undefined && ++this.#cycles < 3) {
      this.#asleep(); // SL-8: back to sleep
      return;
    }
    if (message.type === 'SUBSCRIBE') {
      this.#wishes.askAgain();
    }
    if (message.type === 'DISCONNECT' && message.duration === undefined) {
      this.#goAway();
      return;
    }
    this.#lostGateway();
  }

  /** T-r2: it believes that it is disconnected. */
  #lostGateway(): void {
    this.#requests.clear();
    const clean = this.#leaves || this.plan.clean;
    this.#state = 'away';
    this.#alarm.after(this.#random.between(500, 6_000), () => this.#connect(clean));
  }

  #hear(message: Message, sentAt: number): void {
    if (this.#state === 'off' || this.#state === 'asleep') {
      return;
    }
    if (this.#state === 'awake') {
      this.#requests.restart();
    }
    if (this.#requests.receive(message)) {
      return;
    }
    if (message.type === 'DISCONNECT') {
      if (this.#state !== 'away' && this.#state !== 'connecting') {
        this.#lostGateway();
      }
    } else if (message.type === 'PINGREQ') {
      this.#answerLater({ type: 'PINGRESP' });
    } else if (this.#state !== 'away') {
      this.#inbox.receive(message, sentAt);
    }
  }

  #answerLater(message: Message): void {
    const life = this.#life;
    const [low, high] = this.plan.answerDelay;
    const delay = this.#random.between(low, high);
    this.#parts.timeline.after(delay, () => {
      if (life === this.#life && this.#state !== 'asleep' && this.#state !== 'off') {
        this.#air.send(message);
      }
    });
  }
}
