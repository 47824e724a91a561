/** Which topics a client may use in one way: filters of which one has to match, and filters of which none may. */

import { covers, type FilterLevels, filterFor, isPersonal, levelsOf, matchesLevels, meetOf } from './filter-levels.ts';
import { SHARED } from './topic-name.ts';

export class GrantedTopics {
  readonly #granted: readonly FilterLevels[];
  readonly #denied: readonly FilterLevels[];
  /** Nothing is denied to a name that begins with `$` by `#`: where all is to be denied nothing is granted. */
  readonly #isNothing: boolean;

  /** Filters without placeholders. */
  constructor(granted: readonly string[], denied: readonly string[], isNothing = false) {
    this.#granted = granted.map(levelsOf);
    this.#denied = denied.map(levelsOf);
    this.#isNothing = isNothing || granted.length === 0;
  }

  /** Whether the client may use a topic. */
  has(topic: string): boolean {
    if (this.#isNothing) {
      return false;
    }
    for (const one of this.#denied) {
      if (matchesLevels(one, topic)) {
        return false;
      }
    }
    for (const one of this.#granted) {
      if (matchesLevels(one, topic)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is a topic that matches a filter and is granted; of a filter that begins with `$share/`, whether all that match are. */
  hasSome(filter: string): boolean {
    if (this.#isNothing) {
      return false;
    }
    if (filter.startsWith(SHARED)) {
      return this.#hasAll(levelsOf(filter.slice(filter.indexOf('/', SHARED.length) + 1)));
    }
    const wanted = levelsOf(filter);
    return this.#granted.some((one) => {
      const both = meetOf(one, wanted);
      return both !== undefined && !this.#denied.some((denied) => covers(denied, both));
    });
  }

  /** Of several filters that are granted one alone has to have them all. */
  #hasAll(wanted: FilterLevels): boolean {
    const isGranted = this.#granted.some((one) => covers(one, wanted));
    return isGranted && !this.#denied.some((one) => meetOf(one, wanted) !== undefined);
  }
}

/**
 * The same for filters of the settings. What cannot be for this client (`filterFor`) is not granted to it; where it is denied it can use nothing, for
 * nobody knows what was meant.
 */
export function grantedTopics(
  granted: readonly string[],
  denied: readonly string[],
  clientId: string | undefined,
  identity: string | undefined,
): GrantedTopics {
  const own = (filter: string): string | undefined => filterFor(filter, clientId, identity);
  const isThere = (filter: string | undefined): filter is string => filter !== undefined;
  const kept = denied.map(own).filter(isThere);
  return new GrantedTopics(granted.map(own).filter(isThere), kept, kept.length < denied.length);
}

/** Whether these filters are the same for all clients, so that one object serves them. */
export function areCommon(...filters: readonly (readonly string[])[]): boolean {
  return !filters.flat().some(isPersonal);
}
