/** Client id patterns, as settings have them. */

/**
 * Whether all of the text is what the pattern says: `*` any number of characters, `?` exactly one, everything else itself; a character is a code
 * point. What a `*` takes is looked for once: behind the next `*` nothing before it is tried again. So the time is linear in the text, and grows
 * no more than with both lengths multiplied.
 */
export function matchesGlob(glob: string, text: string): boolean {
  if (glob === text) {
    return true;
  }
  const want = Array.from(glob);
  const have = Array.from(text);
  let w = 0;
  let h = 0;
  /** Behind the last `*`, and where that which it takes ends. */
  let behindStar: number | undefined;
  let taken = 0;
  while (h < have.length) {
    if (want[w] === '*') {
      w++;
      behindStar = w;
      taken = h;
    } else if (w < want.length && (want[w] === '?' || want[w] === have[h])) {
      w++;
      h++;
    } else if (behindStar === undefined) {
      return false;
    } else {
      taken++;
      w = behindStar;
      h = taken;
    }
  }
  while (want[w] === '*') {
    w++;
  }
  return w === want.length;
}
