/** Filters taken apart, so that they are compared with topics without any memory, and with each other (MQTT 4.7). */

import { hasWildcard } from './topic-name.ts';

const DOLLAR = 0x24;

/** A filter in its levels. */
export interface FilterLevels {
  /** Without `#`. */
  readonly levels: readonly string[];
  /** `#` comes behind them. */
  readonly isOpen: boolean;
  /** It begins with a wildcard: names that begin with `$` are none of its. */
  readonly startsWild: boolean;
}

/** A valid filter, without `$share/<name>/`. */
export function levelsOf(filter: string): FilterLevels {
  const levels = filter.split('/');
  const isOpen = levels.at(-1) === '#';
  return made(isOpen ? levels.slice(0, -1) : levels, isOpen);
}

function made(levels: readonly string[], isOpen: boolean): FilterLevels {
  return { levels, isOpen, startsWild: levels[0] === '+' || levels.length === 0 };
}

/** Whether a topic name matches. */
export function matchesLevels({ levels, isOpen, startsWild }: FilterLevels, name: string): boolean {
  if (startsWild && name.charCodeAt(0) === DOLLAR) {
    return false;
  }
  let at = 0; // behind the end of the name: it has no level left
  for (const level of levels) {
    if (at > name.length) {
      return false;
    }
    const slash = name.indexOf('/', at);
    const end = slash < 0 ? name.length : slash;
    if (level !== '+' && !(end - at === level.length && name.startsWith(level, at))) {
      return false;
    }
    at = end + 1;
  }
  return isOpen || at > name.length;
}

/** The filter that matches what both match; undefined: there is no such name. */
export function meetOf(one: FilterLevels, other: FilterLevels): FilterLevels | undefined {
  const levels: string[] = [];
  const length = Math.max(one.levels.length, other.levels.length);
  for (let at = 0; at < length; at++) {
    const level = meetOfLevels(one, other, at);
    if (level === undefined) {
      return undefined;
    }
    levels.push(level);
  }
  const isHidden = (one.startsWild || other.startsWild) && levels[0]?.startsWith('$') === true;
  return isHidden ? undefined : made(levels, one.isOpen && other.isOpen);
}

function meetOfLevels(one: FilterLevels, other: FilterLevels, at: number): string | undefined {
  const mine = one.levels[at] ?? (one.isOpen ? '+' : undefined);
  const others = other.levels[at] ?? (other.isOpen ? '+' : undefined);
  if (mine === undefined || others === undefined) {
    return undefined;
  }
  if (mine === '+' || mine === others) {
    return others;
  }
  return others === '+' ? mine : undefined;
}

/** Whether every name that one filter matches is matched by the other. */
export function covers(wide: FilterLevels, narrow: FilterLevels): boolean {
  if (wide.startsWild && narrow.levels[0]?.startsWith('$') === true) {
    return false;
  }
  for (const [at, level] of wide.levels.entries()) {
    const own = narrow.levels[at];
    if (own === undefined || (level !== '+' && level !== own)) {
      return false;
    }
  }
  return wide.isOpen || (narrow.levels.length === wide.levels.length && !narrow.isOpen);
}

/** What filters in settings may have in place of a client id, and of an identity. */
const PLACEHOLDER = /%[ci]/g;

/**
 * A filter of the settings for one client: `%c` is its client id and `%i` its identity, as a part of one level. Undefined where that cannot be: it has no
 * identity, or what it is called would be another level, a wildcard, or a name of the broker's (`$…`).
 */
export function filterFor(
  filter: string,
  clientId: string | undefined,
  identity: string | undefined,
): string | undefined {
  let isFit = true;
  const own = filter.replace(PLACEHOLDER, (placeholder) => {
    const text = placeholder === '%c' ? clientId : identity;
    isFit &&= text !== undefined && text !== '' && !text.includes('/') && !hasWildcard(text);
    return text ?? '';
  });
  return isFit && own.startsWith('$') === filter.startsWith('$') ? own : undefined;
}

/** Whether a filter of the settings is another one for each client. */
export function isPersonal(filter: string): boolean {
  return filter.includes('%c') || filter.includes('%i');
}
