import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Gateway } from '../../../src/app/gateway.ts';
import { ProgramOperator } from '../../../src/app/program-operator.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import type { LogObserver } from '../../../src/observe/log-observer.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { eventually } from '../../support/eventually.ts';
import { StandingClock } from './driver-bench.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'operator-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A program that looks at its settings. Whatever they say, nothing comes of it here: there is no gateway. */
class Bench {
  readonly clock = new StandingClock();
  readonly notes: Note[] = [];
  readonly operator: ProgramOperator;

  constructor() {
    this.write('gateway: { id: 1 }');
    const load = (): LoadedSettings => loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder });
    this.operator = new ProgramOperator({
      clock: this.clock,
      gateway: { change: () => undefined } as unknown as Gateway,
      log: { level: 'info', settings: undefined } as unknown as LogObserver,
      loaded: load(),
      load: async () => load(),
      tell: (note) => this.notes.push(note),
    });
  }

  write(text: string): void {
    writeFileSync(join(folder, 'gateway.yaml'), `watch: true\n${text}\n`);
  }

  /** The files are looked at so many times, and what comes of it is done. */
  async looks(count: number): Promise<void> {
    const waits = (): boolean => this.clock.wakeUps.length === 1;
    for (let look = 0; look < count; look++) {
      await eventually('the next look', waits);
      await this.clock.pass(1_000);
    }
    await eventually('the next look', waits);
    await this.operator.reload('request');
  }

  /** Who has asked for what was refused, in order, without `looks`. */
  get refused(): string[] {
    return this.notes.flatMap((note) =>
      note.type === 'reload-refused' && note.trigger !== 'request' ? [note.trigger] : [],
    );
  }
}

describe('settings that are looked at', () => {
  it('have their problems told once, whoever has asked for them first', async () => {
    const bench = new Bench();
    bench.write('gateway: { id: x }');
    await bench.operator.reload('SIGHUP');
    await bench.looks(5);
    expect(bench.refused).toEqual(['SIGHUP']);
  });

  it('have their problems told again where they have changed and still have some', async () => {
    const bench = new Bench();
    bench.write('gateway: { id: x }');
    await bench.operator.reload('SIGHUP');
    bench.write('gateway: { id: also }');
    await bench.looks(5);
    expect(bench.refused).toEqual(['SIGHUP', 'files']);
  });

  it.each([
    ['has problems', '"*": { x: y }\n'],
    ['is missing', undefined],
  ])('are read again when a file that they name newly, and that %s, is mended alone', async (_, before) => {
    const bench = new Bench();
    const topics = join(folder, 'topics.yaml');
    if (before !== undefined) {
      writeFileSync(topics, before);
    }
    bench.write('predefinedTopics: topics.yaml');
    await bench.operator.reload('SIGHUP');
    await bench.looks(2);
    expect(bench.refused).toEqual(['SIGHUP']);
    writeFileSync(topics, '"*": { 7: a/topic }\n');
    await bench.looks(5);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'settings-reloaded', trigger: 'files' }));
  });

  it('count once they have no problems any more', async () => {
    const bench = new Bench();
    bench.write('gateway: { id: x }');
    await bench.operator.reload('SIGHUP');
    bench.write('clients: { maxInflight: 8 }');
    await bench.looks(5);
    expect(bench.operator.settings.clients.maxInflight).toBe(8);
    expect(bench.refused).toEqual(['SIGHUP']);
  });
});
