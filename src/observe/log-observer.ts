import type { DecodeOptions } from '../codec/decode.ts';
import { type DescribeOptions, describeFrame } from '../codec/describe.ts';
import type { Clock } from '../ports/clock.ts';
import type { Note, Observer } from '../ports/observer.ts';
import type { LogFields, Logger, LogLevel } from './logger.ts';
import { NOTE_LINES, type NoteLine, type NoteOf } from './note-lines.ts';
import { RepeatLimit } from './repeat-limit.ts';
import { SharedClientIds } from './shared-client-ids.ts';

export interface LogObserverSettings {
  /** Shows payload octets of frames (level trace). */
  readonly payloads: boolean;
  /** How frames are read, so that the log says what the gateway understood. */
  readonly decode?: DecodeOptions;
  /** Equal lines that are written in `repeatWindow` milliseconds; 5 in 10 seconds unless told. */
  readonly repeats?: number;
  readonly repeatWindow?: number;
}

/** What is written of a window in which lines were held back. */
interface Summary {
  readonly level: LogLevel;
  readonly sentence: string;
}

const MAX_DIFFERENT = 200;

const SHARED_ID = 'two devices have the same client id and take it from each other; give one of them another';

/** Writes notes and, at trace, frames to the log. What repeats itself too often is counted: `… 123 more`. */
export class LogObserver implements Observer {
  readonly wantsFrames: boolean;
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #describe: DescribeOptions & DecodeOptions;
  readonly #repeats: RepeatLimit<Summary>;
  readonly #sharedIds = new SharedClientIds();

  constructor(logger: Logger, settings: LogObserverSettings, clock: Pick<Clock, 'now'>) {
    this.#logger = logger;
    this.#clock = clock;
    this.#describe = { ...settings.decode, payload: settings.payloads };
    this.#repeats = new RepeatLimit({
      lines: settings.repeats ?? 5,
      window: settings.repeatWindow ?? 10_000,
      keys: MAX_DIFFERENT,
    });
    this.wantsFrames = logger.enabled.trace;
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
    const sentence = line.sentence(note);
    if (line.limited && !this.#admits(level, sentence, note.type, now)) {
      return;
    }
    this.#logger.log(level, sentence, { ...where(note), ...line.fields?.(note) });
  }

  #admits(level: LogLevel, sentence: string, group: string, now: number): boolean {
    return this.#repeats.admits(sentence, group, now, (grouped) => ({ level, sentence: grouped ? group : sentence }));
  }

  /** False where two devices have one client id: that is told once a minute, in place of two lines for each turn of theirs. */
  #isPlainMove(move: NoteOf<'client-moved'>): boolean {
    const now = this.#clock.now();
    const what = this.#sharedIds.moved(move, now);
    if (what === 'shared' && this.#logger.enabled.warn && this.#admits('warn', SHARED_ID, move.type, now)) {
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
    if (this.wantsFrames) {
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
    for (const { key, count } of this.#repeats.expired(now)) {
      this.#logger.log(key.level, `${key.sentence} … ${count} more`, { repeated: count });
    }
  }
}

function where(note: Note): LogFields {
  return { clientId: 'clientId' in note ? note.clientId : undefined, link: 'link' in note ? note.link : undefined };
}
