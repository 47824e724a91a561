/** Which filters are made needless by wider ones (MQTT 4.7), worked out from two filters alone: what the trie of the gateway is compared with. */

/**
 * Whether every topic that `narrow` matches is matched by `wide` as well; true for equal ones. `#` and `+/#` cover each other: both match whatever
 * does not begin with `$`. The empty topic counts, though nobody may publish to it: `/#` matches it and `/+/#` does not. Both filters must be
 * valid, and not shared ones.
 */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) {
    return true;
  }
  if (narrow.startsWith('$') && (wide.startsWith('+') || wide.startsWith('#'))) {
    return false;
  }
  if (wide === '+/#' && narrow === '#') {
    return true; // a topic without any level, which would make the difference, does not exist
  }
  const want = wide.split('/');
  const have = narrow.split('/');
  for (const [index, level] of want.entries()) {
    if (level === '#') {
      return true; // "a/#" covers "a" too
    }
    const other = have[index];
    if (other === undefined || other === '#') {
      return false;
    }
    if (level !== '+' && level !== other) {
      return false;
    }
  }
  return want.length === have.length;
}
