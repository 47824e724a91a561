import type { DecodeOptions } from '../codec/decode.ts';
import { type DescribeOptions, describeFrame } from '../codec/describe.ts';
import type { Clock } from '../ports/clock.ts';
import type { Note, Observer } from '../ports/observer.ts';
import { BrokerStory } from './broker-story.ts';
import { ComesAndGoes, type Comings } from './comes-and-goes.ts';
import { LOG_LEVELS, type LogEvent, type LogFields, type Logger, type LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';
import { NOTE_LINES } from './note-lines.ts';
import { RepeatLimit } from './repeat-limit.ts';
import { settingOf } from './settings-note-lines.ts';
import { SharedClientIds } from './shared-client-ids.ts';

export interface LogObserverSettings {
  /** Shows payload octets of frames (level trace). */
  readonly payloads: boolean;
  /** How frames are read, so that the log says what the gateway understood. */
  readonly decode?: DecodeOptions;
}

/** What is written of a window in which lines were held back. */
interface Summary {
  readonly level: LogLevel;
  readonly sentence: string;
  /** What was held back. */
  readonly of: LogEvent;
}

const MINUTE = 60_000;

const SHARED_ID = 'two devices have the same client id and take it from each other; give one of them another';

/** Of one type of note: so many lines a minute in all, and from one client; of one that goes on and on, so many in ever longer times. */
const NOTE_LIMIT = { lines: 100, perSource: 10, window: MINUTE, longest: 60 * MINUTE };

/** Trace is the transcript that was asked for: it is bounded where nobody reads along any more. */
const FRAME_LIMIT = { lines: 6_000, perSource: 3_000, window: MINUTE };

const FRAMES = 'frames';

/** A client that begins to come and go within this time is not one that sleeps that way. */
const SUSPICIOUS = 2 * MINUTE;

/** The sentence of a note is cut here: it may have the reason of a broker in it, of any length. A stack trace fits. */
const MAX_SENTENCE = 2_048;

/**
 * Writes notes and, at trace, frames to the log. What one client, or all together, repeat too often is counted and summed up in one line:
 * `… 123 more`.
 */
export class LogObserver implements Observer {
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  #describe: DescribeOptions & DecodeOptions;
  readonly #notes = new RepeatLimit<Summary>(NOTE_LIMIT);
  readonly #frames = new RepeatLimit<Summary>(FRAME_LIMIT);
  readonly #sharedIds = new SharedClientIds();
  readonly #comings = new ComesAndGoes();
  readonly #story = new BrokerStory();

  constructor(logger: Logger, settings: LogObserverSettings, clock: Pick<Clock, 'now'>) {
    this.#logger = logger;
    this.#clock = clock;
    this.#describe = describing(settings);
  }

  /** Other settings from now on. */
  set settings(settings: LogObserverSettings) {
    this.#describe = describing(settings);
  }

  /** The least important level that is written. */
  get level(): LogLevel {
    return this.#logger.level;
  }

  set level(level: LogLevel) {
    this.#logger.level = level;
  }

  get wantsFrames(): boolean {
    return this.#logger.enabled.trace;
  }

  note(note: Note): void {
    if (note.type === 'client-moved' ? !this.#isPlainMove(note) : this.#isTold(note)) {
      return;
    }
    const line: NoteLine<Note> = NOTE_LINES[note.type];
    let level = this.#story.levelOf(note, line.level(note));
    const comings = this.#comings.heard(note, this.#clock);
    if (comings !== 'tell') {
      level = 'debug'; // summed up
    }
    if (typeof comings === 'object') {
      this.#tellOfComings(comings);
    }
    if (!this.#logger.enabled[level]) {
      return;
    }
    const now = this.#clock.now();
    this.#summarize(now);
    const sentence = cut(line.sentence(note));
    if (this.#admits(note, level, sentence, now)) {
      this.#logger.log(level, note.type, sentence, { ...where(note), ...line.fields?.(note) });
    }
  }

  /** A client has begun to come and go. */
  #tellOfComings({ clientId, link, connects, over }: Comings): void {
    const level = over < SUSPICIOUS ? 'warn' : 'info';
    const advice = level === 'warn' ? ' (its power supply, its radio, or another device with its client id?)' : '';
    const sentence = `client comes and goes${advice}; from now on that is summed up once an hour`;
    const event = 'client-comes-and-goes';
    const now = this.#clock.now();
    if (this.#notes.admits(event, clientId, now, (before) => joined(before, level, sentence, event))) {
      this.#logger.log(level, event, sentence, { clientId, link, connects, seconds: Math.round(over / 1_000) });
    }
  }

  #admits(note: Note, level: LogLevel, sentence: string, now: number): boolean {
    return this.#notes.admits(note.type, sourceOf(note), now, (before) => joined(before, level, sentence, note.type));
  }

  /** False where two devices have one client id: that is told once a minute, in place of two lines for each turn of theirs. */
  #isPlainMove(move: NoteOf<'client-moved'>): boolean {
    const now = this.#clock.now();
    const what = this.#sharedIds.moved(move, now);
    if (what === 'shared' && this.#logger.enabled.warn && this.#admits(move, 'warn', SHARED_ID, now)) {
      const { clientId, link, from } = move;
      this.#logger.log('warn', 'client-id-shared', SHARED_ID, { clientId, link, from });
    }
    return what === 'move';
  }

  /** That a client has connected belongs to what was told of two devices. */
  #isTold(note: Note): boolean {
    return note.type === 'client-connected' && this.#sharedIds.isShared(note.clientId, this.#clock.now());
  }

  frame(direction: 'received' | 'sent' | 'broadcast', link: string, frame: Uint8Array): void {
    if (!this.wantsFrames) {
      return;
    }
    const now = this.#clock.now();
    this.#summarize(now);
    if (this.#frames.admits(FRAMES, link, now, () => ({ level: 'trace', sentence: FRAMES, of: 'frame' }))) {
      this.#logger.log('trace', 'frame', `${direction} ${describeFrame(frame, this.#describe)}`, { link });
    }
  }

  /**
   * Writes how many lines were held back in windows that are over by now. Each note does the same, so a caller that does it every few
   * seconds only brings it forward.
   */
  summarize(): void {
    this.#summarize(this.#clock.now());
  }

  /** Writes how many lines have been held back at all; for the end of the program. */
  flush(): void {
    this.#summarize(Number.POSITIVE_INFINITY);
  }

  #summarize(now: number): void {
    const heldBack = [...this.#notes.expired(now), ...this.#frames.expired(now)];
    for (const { key, count, mostly } of heldBack) {
      const fields = { of: key.of, repeated: count, mostlyFrom: mostly };
      this.#logger.log(key.level, 'repeated', `${key.sentence} … ${count} more`, fields);
    }
    this.#sumUpComings(now);
  }

  #sumUpComings(now: number): void {
    const summary = this.#comings.summary(now);
    if (summary === undefined) {
      return;
    }
    for (const { clientId, link, connects, lost, isOver, over } of summary.clients) {
      const what = isOver ? 'client came and went, and has stopped that' : 'client comes and goes';
      const fields = { clientId, link, connects, lost, seconds: Math.round(over / 1_000) };
      this.#logger.log('info', 'client-comes-and-goes', what, fields);
    }
    if (summary.others > 0) {
      const fields = { clients: summary.others, connects: summary.otherConnects };
      this.#logger.log('info', 'clients-come-and-go', `${summary.others} more clients come and go`, fields);
    }
  }
}

function describing({ decode, payloads }: LogObserverSettings): DescribeOptions & DecodeOptions {
  return { ...decode, payload: payloads };
}

/** What stands for all lines that were held back: their sentence where they have the same one, else the type of the note. */
function joined(before: Summary | undefined, level: LogLevel, sentence: string, type: LogEvent): Summary {
  if (before === undefined) {
    return { level, sentence, of: type };
  }
  const same = before.sentence === sentence || before.sentence === type;
  const worse = LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(before.level);
  return same && !worse
    ? before
    : { level: worse ? level : before.level, sentence: same ? before.sentence : type, of: type };
}

function cut(sentence: string): string {
  return sentence.length <= MAX_SENTENCE ? sentence : `${sentence.slice(0, MAX_SENTENCE)}…`;
}

/** Whoever is behind a note: its client, the address where that is not known, a setting, a transport with what is wrong with it. */
function sourceOf(note: Note): string {
  const setting = settingOf(note);
  if (setting !== undefined) {
    return setting;
  }
  if ('clientId' in note && note.clientId !== undefined) {
    return note.clientId;
  }
  if ('link' in note) {
    return note.link;
  }
  if ('transport' in note) {
    return 'code' in note ? `${note.transport} ${note.code}` : note.transport;
  }
  return '';
}

function where(note: Note): LogFields {
  return { clientId: 'clientId' in note ? note.clientId : undefined, link: 'link' in note ? note.link : undefined };
}
