import { noteText } from '../../observe/note-text.ts';
import type { Note } from '../../ports/observer.ts';
import type { ClientDetail } from '../api-contract.ts';
import { topicIdIn, topicIn } from './note-details.ts';
import { isoTime } from './wall-clock.ts';

/** Refusals that are remembered of one client, and in all. */
const MOST_OF_CLIENT = 10;
const MOST = 10_000;

/** Characters of a topic that are kept. */
const MAX_TOPIC = 500;

interface Refusal {
  readonly text: string;
  readonly topic: string | null;
  /** Milliseconds since 1970. */
  at: number;
  count: number;
}

/**
 * What was refused to each client lately, and what was given up of it. What repeats itself is one entry; where there is too much, the oldest goes of the
 * client to which nothing was refused for longest.
 */
export class Refusals {
  readonly #wall: () => number;
  readonly #isKnown: (clientId: string) => boolean;
  /** By client id, the newest last; the client to which something was refused last at the end. */
  readonly #refusals = new Map<string, Refusal[]>();
  #size = 0;

  /** `wall`: milliseconds since 1970. `isKnown`: whether there is a session; strangers who are refused would fill it. */
  constructor(wall: () => number, isKnown: (clientId: string) => boolean) {
    this.#wall = wall;
    this.#isKnown = isKnown;
  }

  /** Refusals that are remembered. */
  get size(): number {
    return this.#size;
  }

  note(note: Note): void {
    switch (note.type) {
      case 'client-refused':
        if (note.clientId !== undefined && this.#isKnown(note.clientId)) {
          this.#add(note.clientId, note);
        }
        break;
      case 'connect-abandoned':
      case 'request-rejected':
      case 'client-publish-dropped':
      case 'delivery-dropped':
      case 'subscription-refused':
        if (note.clientId !== undefined) {
          this.#add(note.clientId, note);
        }
        break;
      case 'session-expired':
      case 'session-forgotten':
        this.#size -= this.#refusals.get(note.clientId)?.length ?? 0;
        this.#refusals.delete(note.clientId);
        break;
      default:
    }
  }

  /** Newest first. */
  of(clientId: string): ClientDetail['refusals'] {
    const refusals = this.#refusals.get(clientId) ?? [];
    return refusals.toReversed().map(({ text, topic, at, count }) => ({ time: isoTime(at), text, topic, count }));
  }

  #add(clientId: string, note: Note): void {
    const said = noteText(note);
    if (said.level === 'debug') {
      return; // an id that a client learns to register again is no refusal
    }
    const text = `${said.text}${topicIdIn(note)}`;
    const topic = topicIn(note, MAX_TOPIC) ?? null;
    const refusals = this.#refusals.get(clientId) ?? [];
    this.#refusals.delete(clientId);
    this.#refusals.set(clientId, refusals);
    const last = refusals.at(-1);
    if (last?.text === text && last.topic === topic) {
      last.at = this.#wall();
      last.count += 1;
      return;
    }
    refusals.push({ text, topic, at: this.#wall(), count: 1 });
    this.#size += 1;
    if (refusals.length > MOST_OF_CLIENT) {
      refusals.shift();
      this.#size -= 1;
    }
    if (this.#size > MOST) {
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    for (const [clientId, refusals] of this.#refusals) {
      refusals.shift();
      this.#size -= 1;
      if (refusals.length === 0) {
        this.#refusals.delete(clientId);
      }
      return;
    }
  }
}
