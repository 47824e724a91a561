import type { DecodeOptions } from '../codec/decode.ts';
import { type DescribeOptions, describeFrame } from '../codec/describe.ts';
import type { Clock } from '../ports/clock.ts';
import type { Note, Observer } from '../ports/observer.ts';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger.ts';
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
}

const MINUTE = 60_000;

const SHARED_ID = 'two devices have the same client id and take it from each other; give one of them another';

/** Of one type of note: so many lines a minute in all, and from one client. */
const NOTE_LIMIT = { lines: 100, perSource: 10, window: MINUTE };

/** Trace is the transcript that was asked for: it is bounded where nobody reads along any more. */
const FRAME_LIMIT = { lines: 6_000, perSource: 3_000, window: MINUTE };

const FRAMES = 'frames';

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
    const level = line.level(note);
    if (!this.#logger.enabled[level]) {
      return;
    }
    const now = this.#clock.now();
    this.#summarize(now);
    const sentence = cut(line.sentence(note));
    if (this.#admits(note, level, sentence, now)) {
      this.#logger.log(level, sentence, { ...where(note), ...line.fields?.(note) });
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
      this.#logger.log('warn', SHARED_ID, { clientId, link, from });
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
    if (this.#frames.admits(FRAMES, link, now, () => ({ level: 'trace', sentence: FRAMES }))) {
      this.#logger.log('trace', `${direction} ${describeFrame(frame, this.#describe)}`, { link });
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
    for (const { key, count, mostly } of [...this.#notes.expired(now), ...this.#frames.expired(now)]) {
      this.#logger.log(key.level, `${key.sentence} … ${count} more`, { repeated: count, mostlyFrom: mostly });
    }
  }
}

function describing({ decode, payloads }: LogObserverSettings): DescribeOptions & DecodeOptions {
  return { ...decode, payload: payloads };
}

/** What stands for all lines that were held back: their sentence where they have the same one, else the type of the note. */
function joined(before: Summary | undefined, level: LogLevel, sentence: string, type: Note['type']): Summary {
  if (before === undefined) {
    return { level, sentence };
  }
  const same = before.sentence === sentence || before.sentence === type;
  const worse = LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(before.level);
  return same && !worse ? before : { level: worse ? level : before.level, sentence: same ? before.sentence : type };
}

function cut(sentence: string): string {
  return sentence.length <= MAX_SENTENCE ? sentence : `${sentence.slice(0, MAX_SENTENCE)}…`;
}

/** Whoever is behind a note: its client, the address where that is not known, a transport, a setting. */
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
  return 'transport' in note ? note.transport : '';
}

function where(note: Note): LogFields {
  return { clientId: 'clientId' in note ? note.clientId : undefined, link: 'link' in note ? note.link : undefined };
}
