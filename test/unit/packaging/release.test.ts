import { describe, expect, it } from '@jest/globals';

const { isNext, released } = await import('../../../.ci/release.mjs' as string);

describe('a release', () => {
  it.each([
    ['0.1.1', '0.1.0', true],
    ['0.2.0', '0.1.7', true],
    ['1.0.0', '0.1.7', true],
    ['0.1.0', '0.1.0', false],
    ['0.1.3', '0.1.1', false],
    ['0.2.1', '0.1.0', false],
    ['1.0', '0.1.0', false],
  ])('%s behind %s: %s', (version, before, expected) => {
    expect(isNext(version, before)).toBe(expected);
  });

  it('has what is unreleased under its version, as notes, and begins the next', () => {
    const text = '# Changelog\n\n## Unreleased\n\n* a\n* b\n\n## 0.1.0 (2026-01-01)\n\n* c\n';
    expect(released(text, '0.2.0', '2026-02-02')).toEqual({
      notes: '* a\n* b',
      changelog: '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-02)\n\n* a\n* b\n\n## 0.1.0 (2026-01-01)\n\n* c\n',
    });
    expect(() => released('## Unreleased\n\n## 0.1.0\n\n* c\n', '0.2.0', '')).toThrow('nothing under');
  });
});
