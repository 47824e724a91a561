import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientItem } from '../../../../src/http/api-contract.ts';
import { ChangedClients } from '../../../../src/http/model/changed-clients.ts';
import type { Note, Observer } from '../../../../src/ports/observer.ts';
import { NOTES } from '../../observe/notes.ts';

let observers: Observer[];
let known: Set<string>;
let changes: ChangedClients;

const published = (clientId: string | undefined): Note => ({ ...NOTES['client-published'], clientId });
const asleep = (clientId: string): Note => ({ ...NOTES['client-asleep'], clientId });

beforeEach(() => {
  observers = [];
  known = new Set(['a', 'b', 'c']);
  changes = new ChangedClients({
    observe: (observer) => {
      observers.push(observer);
      return () => {
        observers = observers.filter((other) => other !== observer);
      };
    },
    item: (clientId) => (known.has(clientId) ? ({ clientId } as ClientItem) : undefined),
  });
  changes.start();
});

function tell(...notes: readonly Note[]): void {
  for (const note of notes) {
    for (const observer of observers) {
      observer.note(note);
    }
  }
}

/** Client ids of what is told next. */
function next(): { changed: string[]; removed: readonly string[]; reset: boolean } | undefined {
  const told = changes.take();
  return told && { ...told, changed: told.changed.map(({ clientId }) => clientId) };
}

describe('clients that have changed', () => {
  it('are told once each, however often they have', () => {
    tell(published('a'), published('b'), published('a'), published(undefined));
    expect(next()).toEqual({ changed: ['a', 'b'], removed: [], reset: false });
    expect(next()).toBeUndefined();
    tell({ ...NOTES.delivered, clientId: 'c' });
    expect(next()).toEqual({ changed: ['c'], removed: [], reset: false });
  });

  it('come first where their state has changed', () => {
    tell(published('a'), published('b'), asleep('c'), asleep('b'));
    expect(next()?.changed).toEqual(['c', 'b', 'a']);
  });

  it('are so when an awake period is over', () => {
    tell({ ...NOTES.subscribed, clientId: 'a' }, { ...NOTES['client-asleep-again'], clientId: 'b' });
    expect(next()?.changed).toEqual(['b', 'a']);
  });

  it('are told as removed where their session is gone', () => {
    tell(published('a'), { ...NOTES['session-expired'], clientId: 'gone' });
    expect(next()).toEqual({ changed: ['a'], removed: ['gone'], reset: false });
  });

  it('are told a hundred at a time, the first ones first, and nobody is left out', () => {
    const ids = Array.from({ length: 2_350 }, (_, n) => `client-${n}`);
    known = new Set(ids);
    tell(...ids.map(published), ...ids.map(published));
    const told: string[] = [];
    for (let some = next(); some !== undefined; some = next()) {
      expect(some.changed.length).toBeLessThanOrEqual(100);
      told.push(...some.changed);
    }
    expect(told).toEqual(ids);
  });

  it('are more than is remembered: who has only sent something is left out, but of a state that has changed all is to be asked for again', () => {
    const ids = Array.from({ length: 10_001 }, (_, n) => `client-${n}`);
    tell(...ids.map(published));
    expect(next()?.reset).toBe(false);
    tell(...ids.map(asleep));
    expect(next()).toEqual({ changed: [], removed: [], reset: true });
    expect(next()).toBeUndefined();
  });

  it('are not watched before start and after stop, and what was not told by then is forgotten', () => {
    tell(published('a'), asleep('b'));
    changes.stop();
    expect(observers).toEqual([]);
    changes.start();
    expect(next()).toBeUndefined();
    changes.start();
    expect(observers).toHaveLength(1);
  });
});
