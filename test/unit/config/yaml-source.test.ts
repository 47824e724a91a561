import { describe, expect, it } from '@jest/globals';
import { formatProblem } from '../../../src/config/problem.ts';
import { YamlSource } from '../../../src/config/yaml-source.ts';

const problemsOf = (text: string) => new YamlSource(text, 'a.yaml').problems.map(formatProblem);

describe('YAML that is not valid', () => {
  it.each([
    ['gateway: {id: 1, id: 2}', 'a.yaml:1:18: this key is written twice in the same map'],
    ['a:\n\tb: 1', 'a.yaml:2:1: not valid YAML: Tabs are not allowed as indentation'],
    [
      'a:\n b: c\n  d: e\n',
      'a.yaml:2:5: not valid YAML: a setting inside or below a value; is each line indented as those that it belongs to, and has text with ": " quotes?',
    ],
    ['a: "secret', 'a.yaml:1:11: not valid YAML: a closing quote is missing'],
    ['password: *secret', 'a.yaml:1:11: unknown alias; text that begins with * must stand in quotes'],
    ['password: !secret x', 'a.yaml:1:11: unknown tag; text that begins with ! must stand in quotes'],
    ['a: 1\n---\nb: 1', 'a.yaml:2:1: the file must hold one document only'],
    ['? [a, b]\n: c', 'a.yaml:1:3: a key must be text or a number'],
    ['a: &x {b: *x}', 'a.yaml:1:1: aliases (*) are nested too deeply, or in a circle'],
  ])('%j is a problem with a place, and no secret is quoted', (text, line) => {
    expect(problemsOf(text)).toEqual([line]);
  });

  it('loses its meaning, save where a key is only written twice', () => {
    expect(new YamlSource('a: [1', 'a.yaml').isBroken).toBe(true);
    expect(new YamlSource('a: 1\na: 2', 'a.yaml')).toMatchObject({ isBroken: false, content: { a: 2 } });
  });

  it('is refused where aliases would make it grow without bound', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `l${i}: &l${i} [${Array(9)
          .fill(i === 0 ? 'x' : `*l${i - 1}`)
          .join(', ')}]`,
    );
    expect(problemsOf(levels.join('\n'))).toEqual(['a.yaml:1:1: aliases (*) are nested too deeply, or in a circle']);
  });
});

describe('the place of a path', () => {
  const yaml = new YamlSource('a:\n  b: 1\n  c:\nd:\n  - x: 1\n  - 2\n', 'a.yaml');

  it.each([
    [['a', 'b'], 'key', 2, 3],
    [['a', 'b'], 'value', 2, 6],
    [['a', 'c'], 'value', 3, 3],
    [['a', 'missing', 'x'], 'value', 2, 3],
    [['d', 0, 'x'], 'value', 5, 8],
    [['d', 1], 'value', 6, 5],
    [['d', 7], 'value', 5, 3],
    [['missing'], 'key', 1, 1],
  ] as const)('%j (%s) is line %i, column %i', (path, part, line, column) => {
    expect(yaml.locate(path, part)).toEqual({ line, column });
  });
});
