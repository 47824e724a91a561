import { describe, expect, it } from '@jest/globals';
import { commentsAndStrings } from './comments-and-strings.ts';

describe('what people have written into a file', () => {
  it.each([
    ['comments behind code', 'left / right; // U-9: why\nnext();', ['U-9: why']],
    ['a comment of several lines, as one', '/**\n * Sleeping (6.14,\n * SL-4).\n */', ['Sleeping (6.14, SL-4).']],
    ['strings with their quotes', `it('one', "two's")`, ["'one'", `"two's"`]],
    ['strings with quotes and ends in them', `['a\\'b', 'c\\\\'] // d`, ["'a\\'b'", "'c\\\\'", 'd']],
    ['apostrophes in comments', "// the client's\nconst a = 'b'; /* it's */", ["the client's", "'b'", "it's"]],
    ['comments in strings', "f('// a', '/* b */')", ["'// a'", "'/* b */'"]],
    [
      'templates, without their values',
      `f(\`a \${b(\`c \${d}\`, { e: 1 })} f\`, "g")`,
      [`\`a \${`, `\`c \${`, '``', '` f`', '"g"'],
    ],
    ['nothing of patterns', "if (/['\"`/]/.test(a)) { return /[/'\"]\\/'/g; } // b", ['b']],
    ['what follows a division', "const a = (b) / 2 / c['d']; // e", ["'d'", 'e']],
    ['no code', 'const T = N-1 * oneOf([1, 1.5, 2]);', []],
  ])('%s', (_, source, written) => {
    expect(commentsAndStrings(source)).toEqual(written);
  });
});
