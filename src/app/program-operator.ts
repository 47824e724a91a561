import { fileStampLater } from '../config/file-stamp.ts';
import type { LoadedSettings } from '../config/load.ts';
import { LoadError } from '../config/problem.ts';
import type { Settings } from '../config/schema.ts';
import type { SettingChanges } from '../config/setting-changes.ts';
import type { LogObserver } from '../observe/log-observer.ts';
import { LOG_LEVELS } from '../observe/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Note, ReloadTrigger } from '../ports/observer.ts';
import type { Level, Operator, OperatorPublish, ReloadReport } from '../ports/operator.ts';
import { FileWatch } from './file-watch.ts';
import type { Gateway } from './gateway.ts';
import { logSettings } from './log-settings.ts';
import { Reloader } from './reloader.ts';

const NO_FILES: ReadonlyMap<string, string> = new Map();

export interface ProgramOperatorParts {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly log: LogObserver;
  /** With what the gateway was started. */
  readonly loaded: LoadedSettings;
  /** Reads the same again, as it is now. */
  readonly load: () => Promise<LoadedSettings>;
  readonly tell: (note: Note) => void;
}

/** What an operator may do to the program: to its gateway, its settings and its log. Looks at the files where it is to (setting `watch`). */
export class ProgramOperator implements Operator {
  readonly #parts: ProgramOperatorParts;
  readonly #watch: FileWatch;
  readonly #reloader: Reloader;
  #settings: Settings;
  #needsRestart: readonly string[] = [];

  constructor(parts: ProgramOperatorParts) {
    const { clock, loaded, load, tell } = parts;
    this.#parts = parts;
    this.#settings = loaded.settings;
    this.#watch = new FileWatch({
      clock,
      stampOf: fileStampLater,
      changed: () => void this.reload('files'),
    });
    this.#reloader = new Reloader({
      loaded,
      load: async () => {
        await this.#watch.know(); // whoever asks is told of their problems: not once more by the watch
        return load().catch((error: unknown) => {
          if (error instanceof LoadError) {
            this.#watch.add(error.files); // what they name newly may be what has to be mended
          }
          throw error;
        });
      },
      tell,
      apply: (changes) => this.#apply(changes),
      done: (now) => this.#haveRead(now),
    });
    this.#haveRead(loaded);
  }

  disconnect(clientId: string): Promise<boolean> {
    return this.#parts.gateway.operator.disconnect(clientId);
  }

  forget(clientId: string): Promise<boolean> {
    return this.#parts.gateway.operator.forget(clientId);
  }

  publish(message: OperatorPublish): Promise<void> {
    return this.#parts.gateway.operator.publish(message);
  }

  /** Reads settings, pre-defined topics and certificates again. Never rejects. */
  reload(trigger: ReloadTrigger = 'request'): Promise<ReloadReport> {
    return this.#reloader.reload(trigger);
  }

  get needsRestart(): readonly string[] {
    return this.#needsRestart;
  }

  /** The settings that count now. */
  get settings(): Settings {
    return this.#settings;
  }

  get logLevel(): Level {
    return this.#parts.log.level;
  }

  set logLevel(level: Level) {
    const { log, tell } = this.#parts;
    const note: Note = { type: 'log-level-changed', level };
    const before = log.level;
    if (level === before) {
      return;
    }
    if (isQuieter(level, before)) {
      tell(note); // behind it the log may say nothing of this importance
      log.level = level;
    } else {
      log.level = level;
      tell(note);
    }
  }

  /** The program ends: nothing is looked at any more. */
  stop(): void {
    this.#watch.watch(NO_FILES);
  }

  /** The level of the log is only set where the files say another one than they did: an operator may have set it meanwhile. */
  #apply({ settings, predefinedTopics, pskKeys, credentials, needsRestart }: SettingChanges): void {
    const { gateway, log } = this.#parts;
    const { level } = settings.logging;
    gateway.change(settings, predefinedTopics, pskKeys, credentials);
    log.settings = logSettings(settings);
    if (level !== this.#settings.logging.level) {
      log.level = level;
    }
    this.#settings = settings;
    this.#needsRestart = needsRestart;
  }

  #haveRead({ settings, files, exposedFiles }: LoadedSettings): void {
    for (const path of exposedFiles) {
      this.#parts.tell({ type: 'secrets-exposed', path });
    }
    this.#watch.watch(settings.watch ? files : NO_FILES);
  }
}

function isQuieter(level: Level, than: Level): boolean {
  return LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(than);
}
