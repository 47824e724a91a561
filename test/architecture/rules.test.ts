import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { citations } from './citations.ts';
import { commentsAndStrings } from './comments-and-strings.ts';
import { RuleBook } from './rule-book.ts';

const ROOT = join(import.meta.dirname, '../..');
const RULES = 'src/core/RULES.md';
const INTERPRETATIONS = 'src/core/INTERPRETATIONS.md';

/** Where rules are cited. The tests of this folder have examples in them, of ids that do not exist as well. */
const CITING = ['src', 'test', 'fixtures/scenarios'];
const EXAMPLES = 'test/architecture/';

interface Prose {
  readonly file: string;
  readonly text: string;
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The comments, strings and lines in which a file may cite rules. */
function proseOf(file: string): readonly string[] {
  if (/\.m?ts$|\.mjs$/.test(file)) {
    return commentsAndStrings(read(file));
  }
  const lines = read(file).split('\n');
  if (file === INTERPRETATIONS) {
    return lines.map((line) => line.replace(/^\|[^|]*\|/, '')); // its first cells define
  }
  if (file.endsWith('.md')) {
    return lines;
  }
  return lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/^# Rules: (.*)$/, '($1)'));
}

function everything(): Prose[] {
  return CITING.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.split(sep).join('/')}`)
      .filter((file) => /\.(?:m?ts|mjs|md|txt)$/.test(file) && file !== RULES && !file.startsWith(EXAMPLES))
      .flatMap((file) => proseOf(file).map((text) => ({ file, text }))),
  );
}

describe('the rules that code and tests cite', () => {
  const rules = new RuleBook(read(RULES));
  const book = new RuleBook(`${read(RULES)}\n${read(INTERPRETATIONS)}`);
  const all = everything();

  it('are found in comments, names of tests, Markdown and scenarios', () => {
    const found = new Set(all.flatMap(({ file, text }) => citations(text).map((id) => `${file} ${id}`)));
    expect([...found]).toEqual(
      expect.arrayContaining([
        'src/codec/message.ts §5.4.2',
        'test/scenario/connect.test.ts C-5',
        'src/README.md T-03',
        `${INTERPRETATIONS} design 4`,
        'fixtures/scenarios/sleep-and-wake.txt SL-6',
        'fixtures/scenarios/broker-away-and-back.txt 3.5 item 4',
      ]),
    );
    expect(found.size).toBeGreaterThan(1_000);
  });

  it('stand in RULES.md or INTERPRETATIONS.md', () => {
    const unknown = all.flatMap(({ file, text }) => book.unknownIn(text).map((id) => `${file} cites ${id}`));
    expect(unknown).toEqual([]);
  });

  it('are all that stands there: every row is cited, a section by a rule that rests on it at least', () => {
    const cited = all.map(({ text }) => text);
    const restedOn = rules.texts.flatMap(citations).filter((id) => /^§|^MQTT/.test(id));
    expect(book.uncitedIn([...cited, ...restedOn])).toEqual([]);
  });

  it('refer to nothing that is not there', () => {
    expect(rules.texts.flatMap((text) => book.unknownIn(text))).toEqual([]);
  });
});
