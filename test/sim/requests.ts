/** What a client has asked and waits for (6.13): each request is repeated until it is answered, or given up. */
import type { Message } from '../../src/codec/message.ts';
import type { Entry, Timeline } from './timeline.ts';

export interface Request {
  readonly message: Message;
  /** How it is said again; undefined: as it was. */
  readonly again?: Message;
  /** Whether a message is the answer; it may do what follows from it. */
  readonly answeredBy: (message: Message) => boolean;
}

interface Pending {
  readonly request: Request;
  tries: number;
  timer: Entry | undefined;
}

export interface RequestParts {
  readonly timeline: Timeline;
  readonly retry: number;
  readonly retries: number;
  readonly send: (message: Message) => void;
  /** Nobody answered. */
  readonly onSilence: (request: Request) => void;
}

export class Requests {
  readonly #parts: RequestParts;
  #pending: Pending[] = [];

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#pending.length;
  }

  /** MsgTypes that are unanswered in spite of repetitions, for people. */
  get waiting(): string {
    return this.#pending
      .filter(({ tries }) => tries > 1)
      .map(({ request }) => request.message.type)
      .join(', ');
  }

  ask(request: Request): void {
    const pending: Pending = { request, tries: 0, timer: undefined };
    this.#pending.push(pending);
    this.#parts.send(request.message);
    this.#arm(pending);
  }

  /** True where it was an answer. */
  receive(message: Message): boolean {
    for (const pending of this.#pending) {
      const others = this.#pending;
      if (pending.request.answeredBy(message)) {
        this.#parts.timeline.cancel(pending.timer);
        if (others === this.#pending) {
          this.#pending = this.#pending.filter((one) => one !== pending);
        }
        return true;
      }
    }
    return false;
  }

  /** SL-8: every message starts T_retry anew. */
  restart(): void {
    for (const pending of this.#pending) {
      this.#arm(pending);
    }
  }

  clear(): void {
    for (const { timer } of this.#pending) {
      this.#parts.timeline.cancel(timer);
    }
    this.#pending = [];
  }

  #arm(pending: Pending): void {
    const { timeline, retry } = this.#parts;
    timeline.cancel(pending.timer);
    pending.timer = timeline.after(retry, () => this.#again(pending));
  }

  #again(pending: Pending): void {
    const { request } = pending;
    if (pending.tries >= this.#parts.retries) {
      this.#pending = this.#pending.filter((one) => one !== pending);
      this.#parts.onSilence(request);
      return;
    }
    pending.tries++;
    this.#parts.send(request.again ?? request.message);
    this.#arm(pending);
  }
}
