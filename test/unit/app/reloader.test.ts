import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Reloader } from '../../../src/app/reloader.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import type { SettingChanges } from '../../../src/config/setting-changes.ts';
import type { Note } from '../../../src/ports/observer.ts';

let folder = '';
let notes: Note[] = [];
let applied: SettingChanges[] = [];
let dones: LoadedSettings[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reloader-'));
  [notes, applied, dones] = [[], [], []];
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function load(): LoadedSettings {
  return loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder });
}

/** A gateway that was started with the files as they are. */
function reloader(loadAgain = async () => load()): Reloader {
  return new Reloader({
    loaded: load(),
    load: loadAgain,
    tell: (note) => notes.push(note),
    apply: (changes) => applied.push(changes),
    done: (loaded) => dones.push(loaded),
  });
}

const TOPICS = 'predefinedTopics: topics.yaml\n';

describe('reading the settings again', () => {
  it('says that a token needs a restart to go, also where it came while the gateway ran', async () => {
    write('gateway.yaml', '');
    const gateway = reloader();
    write('gateway.yaml', 'http: { token: 0123456789abcdef }\n');
    expect(await gateway.reload('SIGHUP')).toEqual({
      changed: ['http.token: changed'],
      needsRestart: [],
      problems: [],
    });
    write('gateway.yaml', '');
    expect(await gateway.reload('SIGHUP')).toEqual({ changed: [], needsRestart: ['http.token'], problems: [] });
    expect(applied[1]?.settings.http.token).toBe('0123456789abcdef');
    write('gateway.yaml', 'http: { token: 0123456789abcdef }\n');
    expect(await gateway.reload('SIGHUP')).toEqual({ changed: [], needsRestart: [], problems: [] });
  });

  it('names what has changed in one line each, and puts it into effect', async () => {
    write('topics.yaml', '"*": { 7: old/name, 8: stays, 9: gone }\n');
    write('gateway.yaml', TOPICS);
    const gateway = reloader();
    write('topics.yaml', '"*": { 7: new/name, 8: stays }\nsensor-1: { 3: mine }\n');
    write('gateway.yaml', `${TOPICS}clients: { maxInflight: 8 }\ngateway: { id: 7 }\n`);
    expect(await gateway.reload('SIGHUP')).toEqual({
      changed: [
        'clients.maxInflight: 16 → 8',
        'pre-defined topic id 7 of every client: old/name → new/name',
        'pre-defined topic id 3 of sensor-1: mine, new',
        'pre-defined topic id 9 of every client: gone, it was gone',
      ],
      needsRestart: ['gateway.id'],
      problems: [],
    });
    expect(notes).toEqual([
      { type: 'settings-reloaded', trigger: 'SIGHUP', changed: 4, needsRestart: 1 },
      { type: 'setting-changed', setting: 'clients.maxInflight', what: 'value', from: '16', to: '8' },
      { type: 'predefined-topic-changed', clientId: '*', topicId: 7, from: 'old/name', to: 'new/name' },
      { type: 'predefined-topic-changed', clientId: 'sensor-1', topicId: 3, from: undefined, to: 'mine' },
      { type: 'predefined-topic-changed', clientId: '*', topicId: 9, from: 'gone', to: undefined },
      { type: 'restart-needed', setting: 'gateway.id' },
    ]);
    expect(applied).toHaveLength(1);
    expect(applied[0]?.settings).toMatchObject({ clients: { maxInflight: 8 }, gateway: { id: 1 } });
    expect(applied[0]?.predefinedTopics.get('*')?.get(7)).toBe('new/name');
    expect(dones).toEqual([expect.objectContaining({ settings: load().settings })]);
  });

  it('compares with what counts by then', async () => {
    write('gateway.yaml', '');
    const gateway = reloader();
    write('gateway.yaml', 'clients: { maxInflight: 8 }\ngateway: { id: 7 }\n');
    await gateway.reload('SIGHUP');
    expect(await gateway.reload('SIGHUP')).toEqual({ changed: [], needsRestart: ['gateway.id'], problems: [] });
    write('gateway.yaml', '');
    expect(await gateway.reload('SIGHUP')).toEqual({
      changed: ['clients.maxInflight: 8 → 16'],
      needsRestart: [],
      problems: [],
    });
  });

  it('says all problems of bad files, and changes nothing', async () => {
    write('topics.yaml', '"*": { 7: old/name }\n');
    write('gateway.yaml', TOPICS);
    const gateway = reloader();
    write('topics.yaml', '"*": { 70000: a, 8: b/# }\n');
    write('gateway.yaml', `${TOPICS}clients: { maxInflight: 0 }\nhtpp: {}\n`);
    const { changed, problems } = await gateway.reload('files');
    expect(changed).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^gateway\.yaml:2:\d+: clients\.maxInflight: /),
      expect.stringMatching(/^gateway\.yaml:3:1: htpp: unknown setting/),
      expect.stringMatching(/^topics\.yaml:1:\d+: .*70000/),
      expect.stringMatching(/^topics\.yaml:1:\d+: /),
    ]);
    expect(notes).toEqual([
      { type: 'reload-refused', trigger: 'files', problems: 4 },
      ...problems.map((problem) => ({ type: 'settings-problem', problem })),
    ]);
    expect(applied).toEqual([]);
    expect(dones).toEqual([]);
  });

  it('tells the first twenty problems, and how many more there are', async () => {
    write('topics.yaml', '"*": { 7: old/name }\n');
    write('gateway.yaml', TOPICS);
    const gateway = reloader();
    write('gateway.yaml', Array.from({ length: 30 }, (_, at) => `unknown${at}: 1\n`).join(''));
    const { problems } = await gateway.reload('request');
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 10 more');
  });

  it('says where the files cannot be read at all', async () => {
    write('gateway.yaml', '');
    const gateway = reloader(() => Promise.reject(new Error('the disk does not answer')));
    expect((await gateway.reload('request')).problems).toEqual(['the disk does not answer']);
    const gone = reloader();
    rmSync(join(folder, 'gateway.yaml'));
    expect((await gone.reload('request')).problems).toEqual(['gateway.yaml: cannot be read: no such file']);
    write('gateway.yaml', '');
  });

  it('does it once for all who ask while another one is under way', async () => {
    write('gateway.yaml', '');
    let loads = 0;
    const gateway = reloader(async () => {
      loads++;
      return load();
    });
    const first = gateway.reload('SIGHUP');
    await Promise.resolve(); // it has begun
    await Promise.resolve();
    const others = [gateway.reload('request'), gateway.reload('files')];
    await Promise.all([first, ...others]);
    expect(loads).toBe(2);
    expect(notes.map((note) => note.type === 'settings-reloaded' && note.trigger)).toEqual(['SIGHUP', 'request']);
  });
});
