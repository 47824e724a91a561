import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LOG_LEVELS, LOG_OWN_EVENTS } from '../../../src/observe/logger.ts';
import type { NoteLine } from '../../../src/observe/note-line.ts';
import { NOTE_LINES } from '../../../src/observe/note-lines.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { NOTES } from './notes.ts';

const TEXT = readFileSync(new URL('../../../docs/log-events.md', import.meta.url), 'utf8');

interface Row {
  readonly event: string;
  readonly levels: readonly string[];
  readonly fields: readonly string[];
  readonly about: string;
  readonly todo: string;
}

/** The rows of all tables whose first column is an event. */
const ROWS: readonly Row[] = TEXT.split('\n').flatMap((line) => {
  const [, event = '', levels = '', fields = '', about = '', todo = ''] = line.split('|').map((cell) => cell.trim());
  const [, name] = /^`([a-z0-9-]+)`$/.exec(event) ?? [];
  return name === undefined ? [] : [{ event: name, levels: list(levels), fields: list(fields), about, todo }];
});

function list(cell: string): string[] {
  return cell === '' ? [] : cell.split(', ');
}

const TYPES = Object.keys(NOTE_LINES) as Note['type'][];
const rowOf = (event: string): Row | undefined => ROWS.find((row) => row.event === event);

/** Their level follows from what was told before, too (broker-story.ts, comes-and-goes.ts). */
const TOLD_BEFORE: readonly Note['type'][] = [
  ...(['client-connected', 'client-disconnected', 'client-asleep', 'client-lost', 'connect-abandoned'] as const),
  ...(['gateway-reachable', 'upstream-up', 'upstream-down', 'shared-connection-up'] as const),
  ...(['shared-connection-down', 'status-up', 'status-down', 'client-refused'] as const),
];

describe('docs/log-events.md', () => {
  it('lists exactly the events that there are, each once', () => {
    expect(ROWS.map(({ event }) => event).toSorted()).toEqual([...TYPES, ...LOG_OWN_EVENTS].toSorted());
  });

  it('says of each what has happened', () => {
    expect(ROWS.filter(({ about }) => about === '')).toEqual([]);
  });

  it('says of each that has a warning or an error what to do', () => {
    const urgent = ROWS.filter(({ levels }) => levels.includes('warn') || levels.includes('error'));
    expect(urgent.filter(({ todo }) => todo === '').map(({ event }) => event)).toEqual([]);
  });

  it.each(TYPES)('has the level and the fields of %s', (type) => {
    const note: Note = NOTES[type];
    const line: NoteLine<Note> = NOTE_LINES[type];
    const row = rowOf(type);
    expect(row?.levels).toContain(line.level(note));
    if (line.level.length === 0 && !TOLD_BEFORE.includes(type)) {
      expect(row?.levels).toEqual([line.level(note)]);
    }
    if (type !== 'gateway-stopped') {
      const own = Object.keys(line.fields?.(note) ?? {});
      const whom = ['clientId', 'link'].filter((name) => name in note && !own.includes(name));
      expect(row?.fields.toSorted()).toEqual([...whom, ...own].toSorted());
    }
  });

  it('names levels that there are', () => {
    const levels = ROWS.filter(({ event }) => event !== 'repeated').flatMap((row) => row.levels);
    expect(levels.filter((level) => !LOG_LEVELS.some((one) => one === level))).toEqual([]);
  });

  it('shows a night in sentences that there are', () => {
    const night = (/```\n([\s\S]+?)```/.exec(TEXT)?.[1] ?? '').trim().split('\n');
    expect(night.length).toBeGreaterThan(10);
    expect(night.filter((line) => !/^\d\d:\d\d:\d\d (info |warn |error|debug) \S/.test(line))).toEqual([]);
  });
});
