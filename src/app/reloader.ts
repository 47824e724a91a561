import type { LoadedSettings } from '../config/load.ts';
import { ConfigError, formatProblem } from '../config/problem.ts';
import { type SettingChange, type SettingChanges, settingChanges } from '../config/setting-changes.ts';
import type { TopicChange } from '../config/topic-changes.ts';
import type { Note, ReloadTrigger } from '../ports/observer.ts';
import type { ReloadReport } from '../ports/operator.ts';

/** Problems that are told one by one. */
const MOST_TOLD = 20;

export interface ReloaderParts {
  /** With what the gateway was started. */
  readonly loaded: LoadedSettings;
  /** Reads everything again. Rejects with `ConfigError`, or with another `Error` where that is not possible. */
  readonly load: () => Promise<LoadedSettings>;
  /** What counts from now on. */
  readonly apply: (changes: SettingChanges) => void;
  readonly tell: (note: Note) => void;
  /** It is over, and this is what the files say. Not where they have problems. */
  readonly done: (loaded: LoadedSettings) => void;
}

/**
 * Reads settings, and whatever else is in files, again: all of it counts, or nothing. One after the other; whoever asks while others wait for one
 * that has not begun gets that one.
 */
export class Reloader {
  readonly #parts: ReloaderParts;
  /** What counts: the settings with which the gateway runs, and what the files said last. */
  #running: Pick<LoadedSettings, 'settings' | 'origins' | 'predefinedTopics' | 'contents' | 'pskKeys' | 'credentials'>;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<ReloadReport> | undefined;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.#running = parts.loaded;
  }

  /** Never rejects. */
  reload(trigger: ReloadTrigger): Promise<ReloadReport> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#reload(trigger);
    });
    this.#last = this.#next;
    return this.#next;
  }

  async #reload(trigger: ReloadTrigger): Promise<ReloadReport> {
    let loaded: LoadedSettings;
    try {
      loaded = await this.#parts.load();
    } catch (error) {
      return this.#refused(trigger, error);
    }
    const changes = settingChanges(this.#running, loaded);
    const { settings, predefinedTopics, pskKeys, credentials } = changes;
    const origins = originsOf(this.#running, loaded, changes);
    this.#running = { settings, origins, predefinedTopics, contents: loaded.contents, pskKeys, credentials };
    this.#tellOf(trigger, changes);
    this.#parts.apply(changes);
    this.#parts.done(loaded);
    return reportOf(changes);
  }

  #refused(trigger: ReloadTrigger, error: unknown): ReloadReport {
    const { lines, count } = problemsOf(error);
    const { tell } = this.#parts;
    tell({ type: 'reload-refused', trigger, problems: count });
    for (const problem of lines) {
      tell({ type: 'settings-problem', problem });
    }
    return { changed: [], needsRestart: [], problems: lines };
  }

  #tellOf(trigger: ReloadTrigger, { changed, topics, needsRestart }: SettingChanges): void {
    const { tell } = this.#parts;
    tell({
      type: 'settings-reloaded',
      trigger,
      changed: changed.length + topics.count,
      needsRestart: needsRestart.length,
    });
    for (const change of changed) {
      tell({ type: 'setting-changed', ...change });
    }
    for (const change of topics.first) {
      tell({ type: 'predefined-topic-changed', ...change });
    }
    if (topics.count > topics.first.length) {
      tell({ type: 'predefined-topics-changed', more: topics.count - topics.first.length });
    }
    for (const setting of needsRestart) {
      tell({ type: 'restart-needed', setting });
    }
  }
}

function problemsOf(error: unknown): { readonly lines: readonly string[]; readonly count: number } {
  if (!(error instanceof ConfigError)) {
    return { lines: [error instanceof Error ? error.message : String(error)], count: 1 };
  }
  const { problems, count } = error;
  const lines = problems.slice(0, MOST_TOLD).map(formatProblem);
  return { lines: count > lines.length ? [...lines, `and ${count - lines.length} more`] : lines, count };
}

function reportOf({ changed, topics, needsRestart }: SettingChanges): ReloadReport {
  const more = topics.count - topics.first.length;
  return {
    changed: [
      ...changed.map(settingLine),
      ...topics.first.map(topicLine),
      ...(more > 0 ? [`${more} more pre-defined topic ids`] : []),
    ],
    needsRestart,
    problems: [],
  };
}

function settingLine({ setting, what, from, to }: SettingChange): string {
  if (what === 'file') {
    return `${setting}: the file has changed`;
  }
  return what === 'secret' ? `${setting}: changed` : `${setting}: ${from} → ${to}`;
}

function topicLine({ clientId, topicId, from, to }: TopicChange): string {
  const whose = `pre-defined topic id ${topicId} of ${clientId === '*' ? 'every client' : clientId}`;
  if (from === undefined) {
    return `${whose}: ${to}, new`;
  }
  return to === undefined ? `${whose}: gone, it was ${from}` : `${whose}: ${from} → ${to}`;
}

/** Where what counts now was written: what has changed, in the files as they are; what needs a restart, where it was. */
function originsOf(
  running: Pick<LoadedSettings, 'origins'>,
  loaded: LoadedSettings,
  { changed }: SettingChanges,
): LoadedSettings['origins'] {
  const origins = new Map(running.origins);
  for (const { setting } of changed) {
    const origin = loaded.origins.get(setting);
    if (origin === undefined) {
      origins.delete(setting);
    } else {
      origins.set(setting, origin);
    }
  }
  return origins;
}
