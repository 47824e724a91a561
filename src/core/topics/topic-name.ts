/** Rules for topic names and topic filters, as a broker applies them (T-48, R-9, U-8). */

/** Octets of a name or filter at most, as in MQTT. */
const MAX_OCTETS = 65_535;

/**
 * Which characters a client may put into names: `utf8` all but U+0000; `strict` no control character and no non-character either, for which a
 * broker may close the connection (T-48).
 */
export type NameRule = 'strict' | 'utf8';

/** What MQTT says that a text should not have (T-48): U+0000–U+001F, U+007F–U+009F, U+FDD0–U+FDEF, U+FFFE, U+FFFF and the like of other planes. */
const SHOULD_NOT = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** The first character that must not be in a name or client id, as `U+0001`; undefined where there is none. */
export function forbiddenCharacter(text: string, rule: NameRule): string | undefined {
  if (rule === 'utf8') {
    return text.includes('\u0000') ? 'U+0000' : undefined;
  }
  const character = SHOULD_NOT.exec(text)?.[0].codePointAt(0);
  return character === undefined ? undefined : `U+${character.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * What is wrong with a name to publish to, in words; undefined where it is fine.
 * Must not be empty, must not contain wildcards or characters that `rule` forbids, at most 65,535 octets of UTF-8.
 */
export function topicNameProblem(name: string, rule: NameRule = 'strict'): string | undefined {
  if (name.includes('+') || name.includes('#')) {
    return 'a topic name must not contain the wildcards + or #';
  }
  return commonProblem(name, rule);
}

/** What is wrong with a filter to subscribe to (MQTT 4.7.1), in words; undefined where it is fine. */
export function topicFilterProblem(filter: string, rule: NameRule = 'strict'): string | undefined {
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      return '# must be the last level of a topic filter, alone';
    }
    if (level.includes('+') && level !== '+') {
      return '+ must stand alone in its level';
    }
  }
  return sharedFilterProblem(levels) ?? commonProblem(filter, rule);
}

/** How the filter of a shared subscription begins. */
export const SHARED = '$share/';

/** `$share/<name>/<filter>`: a broker that knows shared subscriptions ends the connection where it has another form. */
function sharedFilterProblem([first, name, ...filter]: readonly string[]): string | undefined {
  if (first !== '$share' || name === undefined) {
    return undefined;
  }
  if (name === '' || hasWildcard(name)) {
    return 'a shared filter needs a name without wildcards behind $share/';
  }
  return filter.join('/') === '' ? 'a shared filter needs a filter behind its name' : undefined;
}

function commonProblem(name: string, rule: NameRule): string | undefined {
  if (name === '') {
    return 'a topic name must not be empty';
  }
  const character = forbiddenCharacter(name, rule);
  if (character !== undefined) {
    return `a topic name must not contain ${character}`;
  }
  if (isTooLong(name)) {
    return `a topic name must not be longer than ${MAX_OCTETS} octets`;
  }
  return undefined;
}

/** Whether a name or filter is longer than MQTT allows. */
export function isTooLong(name: string): boolean {
  return name.length > MAX_OCTETS / 3 && utf8Octets(name) > MAX_OCTETS;
}

/** True where the filter has `+` or `#`. */
export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/** Whether messages come with the filter itself as their topic, so that one id can stand for both (U-1); not so with wildcards and `$share/…` (U-2). */
export function isOneTopic(filter: string): boolean {
  return !hasWildcard(filter) && !filter.startsWith(SHARED);
}

/** Octets of a string in UTF-8. */
export function utf8Octets(text: string): number {
  let octets = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      octets += 1;
    } else if (unit < 0x800) {
      octets += 2;
    } else if (unit >= 0xd800 && unit < 0xdc00) {
      octets += 4;
      i++;
    } else {
      octets += 3;
    }
  }
  return octets;
}

/** Whether a topic name matches a filter (MQTT 4.7): `+` one level, `#` at the end the rest; `$…` is not matched by a leading wildcard; `$share/<name>/` aside. */
export function matchesFilter(filter: string, name: string): boolean {
  if (filter === name) {
    return true;
  }
  if (filter.startsWith(SHARED)) {
    const nameEnds = filter.indexOf('/', SHARED.length);
    return nameEnds >= 0 && matchesFilter(filter.slice(nameEnds + 1), name);
  }
  if (name.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) {
    return false;
  }
  const want = filter.split('/');
  const have = name.split('/');
  for (let i = 0; i < want.length; i++) {
    if (want[i] === '#' && i === want.length - 1) {
      return true;
    }
    if (i >= have.length) {
      return false;
    }
    if (want[i] !== '+' && want[i] !== have[i]) {
      return false;
    }
  }
  // MQTT 4.7.1.2: "a/#" matches "a" too; that case ended in the loop, at '#'.
  return want.length === have.length;
}
