/** Whether a filter of MQTT matches a topic (as MQTT has it); the broker's own reading of the rule. */
const known = new Map<string, boolean>();

export function filterMatches(filter: string, topic: string): boolean {
  const key = `${filter}\n${topic}`;
  let result = known.get(key);
  if (result === undefined) {
    result = levelsMatch(topicsOf(filter).split('/'), topic.split('/'));
    known.set(key, result);
  }
  return result;
}

const SHARED_SUBSCRIPTION = '$share/';

/** `$share/<group>/…`: each message for one of the group. */
export function isShare(filter: string): boolean {
  return filter.startsWith(SHARED_SUBSCRIPTION);
}

/** A filter without the name of its group. */
function topicsOf(filter: string): string {
  return isShare(filter) ? filter.slice(filter.indexOf('/', SHARED_SUBSCRIPTION.length) + 1) : filter;
}

function levelsMatch(filter: readonly string[], topic: readonly string[]): boolean {
  for (const [index, level] of filter.entries()) {
    if (level === '#') {
      return true;
    }
    if (index >= topic.length || (level !== '+' && level !== topic[index])) {
      return false;
    }
  }
  return filter.length === topic.length;
}

/** Whether everything that one filter matches is matched by another one, or the same. A shared subscription stands for no other one. */
export function filterCovers(wide: string, narrow: string): boolean {
  if (isShare(wide) || isShare(narrow)) {
    return wide === narrow;
  }
  const levels = narrow.split('/');
  const wider = wide.split('/');
  for (const [index, level] of wider.entries()) {
    if (level === '#') {
      return true;
    }
    const other = levels[index];
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) {
      return false;
    }
  }
  return wider.length === levels.length;
}
