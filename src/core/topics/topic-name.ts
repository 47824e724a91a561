/** Rules for topic names and topic filters, as a broker applies them (T-48, R-9, U-8). */

const MAX_OCTETS = 65_535;

/**
 * What is wrong with a name to publish to, in words; undefined where it is fine.
 * Must not be empty, must not contain wildcards or U+0000, at most 65,535 octets of UTF-8.
 */
export function topicNameProblem(name: string): string | undefined {
  if (name.includes('+') || name.includes('#')) {
    return 'a topic name must not contain the wildcards + or #';
  }
  return commonProblem(name);
}

/** What is wrong with a filter to subscribe to (MQTT 4.7.1), in words; undefined where it is fine. */
export function topicFilterProblem(filter: string): string | undefined {
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      return '# must be the last level of a topic filter, alone';
    }
    if (level.includes('+') && level !== '+') {
      return '+ must stand alone in its level';
    }
  }
  return sharedFilterProblem(levels) ?? commonProblem(filter);
}

const SHARED = '$share/';

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

function commonProblem(name: string): string | undefined {
  if (name === '') {
    return 'a topic name must not be empty';
  }
  if (name.includes('\u0000')) {
    return 'a topic name must not contain U+0000';
  }
  if (name.length > MAX_OCTETS / 3 && utf8Octets(name) > MAX_OCTETS) {
    return `a topic name must not be longer than ${MAX_OCTETS} octets`;
  }
  return undefined;
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

/** Whether a topic name matches a filter (MQTT 4.7): `+` one level, `#` the rest; `$…` is not matched by a leading wildcard; `$share/<name>/` aside. */
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
    if (want[i] === '#') {
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
