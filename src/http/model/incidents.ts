import { BrokerStory } from '../../observe/broker-story.ts';
import { noteText } from '../../observe/note-text.ts';
import { RepeatLimit } from '../../observe/repeat-limit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Note } from '../../ports/observer.ts';
import type { Incident } from '../api-contract.ts';
import { detailsOf } from './note-details.ts';
import { Ring } from './ring.ts';
import { isoTime } from './wall-clock.ts';

/** Incidents that are remembered. */
const MOST = 100;
/** Of one kind, in all and from one source, so that who makes most noise does not drown the others. */
const LIMIT = { lines: 25, perSource: 5, window: 60_000 };

/** What is no refusal and no error, but what becomes of one. */
const TOLD_AT_INFO: ReadonlySet<Note['type']> = new Set([
  'client-lost',
  'connect-abandoned',
  'gateway-reachable',
  'outage-over',
]);

/** The last refusals and errors, in the words of the log. */
export class Incidents {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #wall: () => number;
  readonly #tell: (incident: Incident) => void;
  readonly #incidents = new Ring<Incident>(MOST);
  readonly #limit = new RepeatLimit<undefined>(LIMIT);
  readonly #story = new BrokerStory();

  /** `wall`: milliseconds since 1970. `tell` is called with each incident. */
  constructor(clock: Pick<Clock, 'now'>, wall: () => number, tell: (incident: Incident) => void) {
    this.#clock = clock;
    this.#wall = wall;
    this.#tell = tell;
  }

  note(note: Note): void {
    const said = noteText(note);
    const level = this.#story.levelOf(note, said.level);
    const isTold = level === 'error' || level === 'warn' || (level === 'info' && TOLD_AT_INFO.has(note.type));
    if (!isTold || !this.#admits(note)) {
      return;
    }
    const incident: Incident = {
      time: isoTime(this.#wall()),
      level: level === 'error' || level === 'warn' ? level : 'info',
      event: note.type,
      text: `${said.text}${detailsOf(note)}`,
      clientId: 'clientId' in note ? (note.clientId ?? null) : null,
      link: 'link' in note ? note.link : null,
    };
    this.#incidents.add(incident);
    this.#tell(incident);
  }

  /** Newest first. */
  recent(): Incident[] {
    return this.#incidents.values().reverse();
  }

  #admits(note: Note): boolean {
    const now = this.#clock.now();
    this.#limit.expired(now);
    const clientId = 'clientId' in note ? note.clientId : undefined;
    const source = clientId ?? ('link' in note ? note.link : 'transport' in note ? note.transport : '');
    return this.#limit.admits(note.type, source, now, () => undefined);
  }
}
