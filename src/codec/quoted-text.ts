const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text from outside as it may stand in a line for people: in double quotes, with everything escaped that would end the line,
 * move the cursor or turn the writing direction. Nobody can forge a log line with a client id. It is a JSON string too.
 */
export function quotedText(text: string): string {
  return escapedText(JSON.stringify(text));
}

/** The same without quotes, for words of other programs inside a sentence and for lines of JSON: quotes and backslashes stay as they are. */
export function escapedText(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}

/** Whether a text has none of the characters that would be escaped. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}
