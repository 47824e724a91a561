/** Files with one entry on each line, cut at a separator. */
import type { Written } from './predefined-topics-builder.ts';

/** Fields of a line that are told apart: one more than any form has. */
const MOST_FIELDS = 5;

/** How many fields a line has, for messages. */
export function fieldCount(fields: readonly Written[]): string {
  if (fields.length === MOST_FIELDS) {
    return `${MOST_FIELDS} fields or more`;
  }
  return `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
}

/** The first fields of each line that has content: blanks around them cut off, comments (`#` first, or after a blank) left out. */
export function* fieldsOfLines(text: string, separator: string): Generator<readonly Written[]> {
  for (const [index, whole] of text.split(/\r\n|\r|\n/).entries()) {
    const content = whole.replace(/(^|\s)#.*$/, '');
    if (content.trim() === '') {
      continue;
    }
    let offset = 0;
    yield content.split(separator, MOST_FIELDS).map((field) => {
      const column = offset + (field.length - field.trimStart().length) + 1;
      offset += field.length + separator.length;
      return { text: field.trim(), line: index + 1, column };
    });
  }
}
