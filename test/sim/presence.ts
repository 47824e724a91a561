/** Whether a client is there: CONNECT, keep-alive, sleep, leaving, power; how it takes itself for disconnected (T-r2). */
import { RETURN_CODE } from '../../src/codec/message.ts';
import { Alarm } from './alarm.ts';
import type { Books } from './books/books.ts';
import { askToConnect } from './connecting.ts';
import type { Inbox } from './inbox.ts';
import type { Outbox } from './outbox.ts';
import type { ClientPlan } from './plan.ts';
import type { Request, Requests } from './requests.ts';
import { ask } from './sayings.ts';
import type { Random } from './streams.ts';
import type { Timeline } from './timeline.ts';
import type { Wishes } from './wishes.ts';

export interface PresenceParts {
  readonly plan: ClientPlan;
  readonly timeline: Timeline;
  readonly books: Books;
  readonly random: Random;
  readonly requests: Requests;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly wishes: Wishes;
  /** Takes up what is next, where nothing else is under way. */
  readonly next: () => void;
}

export class Presence {
  state: 'off' | 'away' | 'connecting' | 'active' | 'asleep' | 'awake' = 'off';
  /** Seconds; 0: it does not sleep. */
  sleep = 0;
  /** Answers that are on their way belong to one life. */
  life = 0;
  /** It only comes to leave for good. */
  leaves = false;
  readonly #parts: PresenceParts;
  readonly #alarm: Alarm;
  readonly #ping: Alarm;
  /** The next CONNECT has a will dialogue. */
  #asksWill: boolean;
  #wills = 0;
  #cycles = 0;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.timeline);
    this.#ping = new Alarm(parts.timeline);
    this.#asksWill = parts.plan.will !== undefined;
  }

  /** Does something later, in place of what it meant to do. */
  later(delay: number, run: () => void): void {
    this.#alarm.after(delay, run);
  }

  boot(): void {
    this.state = 'away';
    this.connect(this.#parts.plan.clean);
  }

  reboot(off: number): void {
    this.off();
    this.#parts.outbox.reboot();
    this.#parts.inbox.forget();
    this.#parts.wishes.askAgain();
    this.#asksWill = this.#parts.plan.will !== undefined;
    this.#parts.books.rebooted(this.#parts.plan.id);
    this.#alarm.after(off, () => this.boot());
  }

  off(): void {
    this.life++;
    this.state = 'off';
    this.#parts.requests.clear();
    this.#alarm.cancel();
    this.#ping.cancel();
  }

  connect(clean: boolean): void {
    const { plan, books } = this.#parts;
    this.#parts.requests.clear();
    this.#alarm.cancel();
    if (clean) {
      this.#parts.outbox.abandon();
      this.#parts.wishes.askAgain();
      this.#parts.inbox.forget();
      this.#parts.outbox.forgetTopics();
      this.#asksWill = plan.will !== undefined;
    } else if (plan.forgetsTopics) {
      this.#parts.outbox.forgetTopics();
    }
    const will = this.#asksWill && plan.will !== undefined;
    this.state = 'connecting';
    this.#wills++;
    books.connects(plan.id, clean);
    askToConnect({
      plan,
      requests: this.#parts.requests,
      clean,
      will: will ? `w.${plan.id}.${this.#wills}` : undefined,
      onConnAck: (answer) => this.#connAck(answer.returnCode, clean),
    });
  }

  #connAck(returnCode: number, clean: boolean): void {
    const { books, plan } = this.#parts;
    if (returnCode !== RETURN_CODE.accepted) {
      books.connectRefused(plan.id, returnCode);
      this.state = 'away';
      this.#alarm.after(this.#parts.random.between(3_000, 30_000), () => this.connect(clean));
      return;
    }
    this.state = 'active';
    this.#asksWill = false;
    if (clean) {
      this.#parts.inbox.forget(); // also what came while CONNECT was on its way: the session that it was of ends only now
      books.rebooted(plan.id);
    }
    this.#parts.requests.clear();
    this.#cycles = 0;
    this.#armPing();
    if (this.leaves) {
      this.disconnect();
      return;
    }
    this.#parts.outbox.resume();
    this.#parts.next();
  }

  #armPing(): void {
    const { keepAlive } = this.#parts.plan;
    if (keepAlive > 0) {
      this.#ping.after(keepAlive * this.#parts.random.between(600, 950), () => {
        if (this.state === 'active') {
          ask(this.#parts.requests, { type: 'PINGREQ', clientId: undefined }, 'PINGRESP');
          this.#armPing();
        }
      });
    }
  }

  disconnect(): void {
    this.#alarm.cancel();
    ask(this.#parts.requests, { type: 'DISCONNECT', duration: undefined }, 'DISCONNECT', () => this.#goAway());
  }

  #goAway(): void {
    this.state = 'away';
    this.#parts.requests.clear();
    this.#alarm.cancel();
    if (this.#parts.plan.clean) {
      this.#parts.outbox.abandon();
      this.#parts.wishes.askAgain();
    }
  }

  fallAsleep(): void {
    if (this.state !== 'active' || this.#parts.requests.count > 0 || this.#parts.wishes.count > 0) {
      this.#parts.next();
      return;
    }
    this.#alarm.cancel();
    this.#ping.cancel();
    ask(this.#parts.requests, { type: 'DISCONNECT', duration: this.sleep }, 'DISCONNECT', () => this.#asleep());
  }

  #asleep(): void {
    this.state = 'asleep';
    if (this.#parts.wishes.count > 0) {
      this.#alarm.after(200, () => this.#parts.next());
      return;
    }
    this.#alarm.after(this.sleep * this.#parts.random.between(500, 950), () => this.#wake());
  }

  #wake(): void {
    this.state = 'awake';
    ask(this.#parts.requests, { type: 'PINGREQ', clientId: this.#parts.plan.id }, 'PINGRESP', () => {
      this.#cycles = 0;
      this.#asleep();
    });
  }

  unanswered({ message }: Request): void {
    if (message.type === 'PINGREQ' && message.clientId !== undefined && ++this.#cycles < 3) {
      this.#asleep(); // SL-8: back to sleep
      return;
    }
    if (message.type === 'SUBSCRIBE') {
      this.#parts.wishes.askAgain();
    }
    if (message.type === 'DISCONNECT' && message.duration === undefined) {
      this.#goAway();
      return;
    }
    this.lostGateway();
  }

  /** T-r2: it believes that it is disconnected. */
  lostGateway(): void {
    this.#parts.requests.clear();
    const clean = this.leaves || this.#parts.plan.clean;
    this.state = 'away';
    this.#alarm.after(this.#parts.random.between(500, 6_000), () => this.connect(clean));
  }
}
