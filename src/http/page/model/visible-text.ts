/** Controls, and what turns the direction of writing, or has no width at all; not what ends a line. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text as it is, with what nobody would see of it written out: no client id looks like another one. `sensor-1\u{200b}` */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
