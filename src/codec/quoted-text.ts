const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text from outside as it may stand in a line for people: in double quotes, with everything escaped that would end the line,
 * move the cursor or turn the writing direction. Nobody can forge a log line with a client id.
 */
export function quotedText(text: string): string {
  return `"${escaped(JSON.stringify(text).slice(1, -1))}"`;
}

/** The same for words of other programs in the middle of a sentence: without quotes, so quotes and backslashes stay as they are. */
export function escapedText(text: string): string {
  return escaped(text);
}

/** Whether a text has none of the characters that would be escaped. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

function escaped(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const codePoint = (character.codePointAt(0) as number).toString(16);
    return codePoint.length > 4 ? `\\u{${codePoint}}` : `\\u${codePoint.padStart(4, '0')}`;
  });
}
