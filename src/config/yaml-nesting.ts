/**
 * How deep a YAML text goes, before it is parsed: the parser calls itself for each level, and where its stack ends within a regular expression Node.js
 * ends with it.
 */
import { Lexer } from 'yaml';

/** Behind this token stands the text of a scalar. */
const SCALAR = '\x1f';

/** Where a text goes deeper than `levels`, by its brackets or by `-` and `?` that stand behind each other; undefined: nowhere. */
export function tooDeepAt(text: string, levels: number): number | undefined {
  const columns = levels * 4; // of two octets each, and room for wide indentation
  let offset = 0;
  let lineStart = 0;
  let brackets = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (isScalar) {
      isScalar = false;
    } else if (token === SCALAR) {
      isScalar = true;
      continue; // it stands for nothing in the text
    } else if (token === '[' || token === '{') {
      brackets++;
    } else if (token === ']' || token === '}') {
      brackets--;
    }
    const isLevel = brackets === 0 && (token === '-' || token === '?');
    if (brackets > levels || (isLevel && offset - lineStart > columns)) {
      return offset;
    }
    const newLine = token.lastIndexOf('\n');
    if (newLine >= 0) {
      lineStart = offset + newLine + 1;
    }
    offset += token.length;
  }
  return undefined;
}
