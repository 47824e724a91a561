import type { DecodeOptions } from '../codec/decode.ts';
import { type DescribeOptions, describeFrame } from '../codec/describe.ts';
import type { Clock } from '../ports/clock.ts';
import type { Note, Observer } from '../ports/observer.ts';
import type { LogFields, Logger, LogLevel } from './logger.ts';
import { NOTE_LINES, type NoteLine } from './note-lines.ts';
import { RepeatLimit } from './repeat-limit.ts';

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

/** Writes notes and, at trace, frames to the log. What repeats itself too often is counted: `… 123 more`. */
export class LogObserver implements Observer {
  readonly wantsFrames: boolean;
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #describe: DescribeOptions & DecodeOptions;
  readonly #repeats: RepeatLimit<Summary>;

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
    const line: NoteLine<Note> = NOTE_LINES[note.type];
    const level = line.level(note);
    if (!this.#logger.enabled[level]) {
      return;
    }
    const now = this.#clock.now();
    this.#summarize(now);
    const sentence = line.sentence(note);
    if (
      line.limited &&
      !this.#repeats.admits(sentence, note.type, now, (grouped) => ({
        level,
        sentence: grouped ? note.type : sentence,
      }))
    ) {
      return;
    }
    this.#logger.log(level, sentence, { ...where(note), ...line.fields?.(note) });
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
