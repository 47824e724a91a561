import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { replay } from '../support/transcript.ts';

const { REWRITE_TRANSCRIPTS } = process.env;
const FOLDER = join(import.meta.dirname, '../../fixtures/scenarios');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

describe('the stories in fixtures/scenarios are true', () => {
  it.each(FILES)('%s', (name) => {
    const told = read(name);
    const happened = replay(told);
    if (REWRITE_TRANSCRIPTS === '1') {
      writeFileSync(join(FOLDER, name), happened);
    } else {
      expect(happened.split('\n')).toEqual(told.split('\n'));
    }
  });

  it.each(FILES)('%s says what it tells, and which rules it shows', (name) => {
    const [title, ...rest] = read(name).split('\n\n')[0]?.split('\n') ?? [];
    expect(title).toMatch(/^# [A-Z].*\.$/);
    expect(rest.at(-1)).toMatch(/^# Rules: /);
  });

  it('there are some', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(8);
  });
});

describe('a transcript that is not true', () => {
  const story = `${'s       > 02 16'.padEnd(56)}PINGREQ`;
  const answer = `${'s       < 02 18'.padEnd(56)}DISCONNECT`;

  it.each([
    ['an output that does not come', [story, answer, answer], [story, answer]],
    ['an output that is missing', [story], [story, answer]],
    ['another output', [story, answer.replace('18', '17')], [story, answer]],
    ['another text beside the octets', [story.replace('PINGREQ', 'PINGRESP'), answer], [story, answer]],
  ])('%s makes a difference', (_what, told, happened) => {
    expect(replay(told.join('\n')).split('\n')).toEqual(happened);
  });

  it.each([
    's ! 02 16',
    's > PINGREQ',
    'broker > #1 CONNACK maybe',
    'broker > CONNACK',
    '10s',
    'broker > #1 PUBLISH a/b',
  ])('%s is not understood', (line) => {
    expect(() => replay(`# A story.\n\n${line}`)).toThrow(`line 3: ${line}`);
  });
});
