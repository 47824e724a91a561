/** The lines of what changes while the gateway runs. */
import type { Note, ReloadTrigger, SettingsNote } from '../ports/observer.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';

const info = (): LogLevel => 'info';
const warn = (): LogLevel => 'warn';

const TRIGGERS: Readonly<Record<ReloadTrigger, string>> = {
  SIGHUP: 'SIGHUP',
  request: 'asked for by an operator',
  files: 'a file has changed',
};

/** `1 change`, `3 changes`. */
function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export const SETTINGS_NOTE_LINES: { readonly [T in SettingsNote['type']]: NoteLine<NoteOf<T>> } = {
  'settings-reloaded': {
    // a file that was touched and says what it said is nothing that anybody has asked for
    level: ({ trigger, changed, needsRestart }) =>
      trigger === 'files' && changed + needsRestart === 0 ? 'debug' : 'info',
    sentence: ({ trigger, changed, needsRestart }) => {
      const needs = needsRestart === 1 ? 'needs' : 'need';
      const restart = needsRestart === 0 ? '' : `, and ${counted(needsRestart, 'setting')} ${needs} a restart`;
      return changed + needsRestart === 0
        ? `settings read again (${TRIGGERS[trigger]}): nothing has changed`
        : `settings read again (${TRIGGERS[trigger]}): ${counted(changed, 'change')} in effect${restart}`;
    },
    fields: ({ changed, needsRestart }) => ({ changed, needsRestart }),
  },
  'setting-changed': {
    level: info,
    sentence: ({ setting, what }) => `${setting} ${what === 'file' ? 'names a file that has changed' : 'has changed'}`,
    fields: ({ setting, from, to }) => ({ setting, from, to }),
  },
  'predefined-topic-changed': {
    level: info,
    sentence: ({ from, to }) => {
      if (from === undefined) {
        return 'pre-defined topic id is new';
      }
      return to === undefined
        ? 'pre-defined topic id is gone: publishes to it are refused from now on'
        : 'pre-defined topic id means another topic: publishes to it go there from now on';
    },
    fields: ({ clientId, topicId, from, to }) => ({ clientId, topicId, from, to }),
  },
  'predefined-topics-changed': {
    level: info,
    sentence: ({ more }) => `${more} more pre-defined topic ids have changed`,
    fields: ({ more }) => ({ more }),
  },
  'restart-needed': {
    level: warn,
    sentence: ({ setting }) => `${setting} has changed, which needs a restart of the gateway`,
    fields: ({ setting }) => ({ setting }),
  },
  'secrets-exposed': {
    level: warn,
    sentence: ({ path }) => `everybody on this machine can read ${path}, which has secrets: chmod o-r mends that`,
    fields: ({ path }) => ({ path }),
  },
  'reload-refused': {
    level: warn,
    sentence: ({ trigger, problems }) =>
      `settings not read again (${TRIGGERS[trigger]}): ${counted(problems, 'problem')}; nothing has changed`,
    fields: ({ problems }) => ({ problems }),
  },
  'settings-problem': { level: warn, sentence: ({ problem }) => problem },
  'log-level-changed': {
    level: info,
    sentence: ({ level }) => `the log shows ${level} and what is more important from now on`,
    fields: ({ level: logLevel }) => ({ logLevel }),
  },
};

/** What tells one of these lines from another, for what repeats itself; undefined: it is none of them. */
export function settingOf(note: Note): string | undefined {
  switch (note.type) {
    case 'setting-changed':
    case 'restart-needed':
      return note.setting;
    case 'predefined-topic-changed':
      return `${note.topicId} ${note.clientId}`;
    case 'settings-problem':
      return note.problem;
    default:
      return undefined;
  }
}
