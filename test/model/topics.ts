/** What clients subscribe to and publish on, and a naive reading of which filter matches which topic. */

export type Qos = 0 | 1 | 2;

/** Topics and filters of a world. `qos`: with which QoS a filter is asked for; undefined: any. */
export interface Names {
  readonly topics: readonly string[];
  readonly filters: readonly { readonly filter: string; readonly qos?: Qos }[];
  /** The same of shared ones. */
  readonly sharedQos?: Qos;
}

/** Every client has it, with QoS 2: what comes on it shows that all before it has come. */
export const MARKER = 'marker';

/** Pre-defined topic ids of all clients. */
export const PREDEFINED: ReadonlyMap<number, string> = new Map([
  [1, 'pre/one'],
  [2, 'pre/two'],
]);

/** Shared subscriptions, for the members of these groups alone. */
export const SHARED = ['$share/g/s/#', '$share/h/s/+'] as const;

/** Filters that overlap and cross in every way. */
export const CROSSING: Names = {
  topics: [
    ...['a', 'b', 'ab', 'a/b', 'a/c', 'b/b', 'a/b/c', 'a/d/c', 'b/b/c', 'a/b/c/d', '/', '/a', 'a/', 'a//c'],
    ...['$dev/a', '$dev/a/b', 'pre/one', 'pre/two', 'x', 'x/y', 's/1', 's/2'],
  ],
  filters: [
    ...['#', '+', '+/+', 'a/#', 'a/+', '+/b', 'a/b', 'a/b/#', 'a/b/c', 'a/+/c', '+/b/#', '/+', '/#', '+/+/c', '+/'],
    ...['a/+/#', 'a//c', '$dev/#', '$dev/+', 'ab', 'b', 'pre/one', 'pre/+', 'x/y', 'x/#'],
  ].map((filter) => ({ filter })),
};

/**
 * For a shared connection with MQTT 3.1.1: there, filters that cross are what the broker makes of them, which sends one copy with the QoS of one of
 * them; so those that cross have QoS 2 all of them, shared ones too, and the others are nested.
 */
export const NESTED: Names = {
  topics: [
    ...['n', 'n/a', 'n/a/x', 'n/a/y', 'n/b', 'n/b/x', 'n//x', 'ab', '$dev/a', 'pre/one', 'pre/two'],
    ...['c/a/x', 'c/a/y', 'c/b/x', 'c/b/y', 'c/c', 's/1', 's/2'],
  ],
  sharedQos: 2,
  filters: [
    ...['#', 'n/#', 'n/a/#', 'n/a/+', 'n/b/#', 'n/b/+', 'n/a/x', 'n/a/y', 'n/b', 'n', 'ab', '$dev/#', 'pre/one'].map(
      (filter) => ({ filter }),
    ),
    ...['c/+/x', 'c/a/+', 'c/+/+', 'c/b/#'].map((filter) => ({ filter, qos: 2 as const })),
  ],
};

/** What MQTT 3.1.1 says of topic filters, word by word. */
export function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) {
    return false;
  }
  return levelsMatch(filter.split('/'), topic.split('/'));
}

function levelsMatch(
  [wanted, ...others]: readonly string[],
  [level, ...rest]: readonly (string | undefined)[],
): boolean {
  if (wanted === '#') {
    return true;
  }
  if (wanted === undefined || level === undefined) {
    return wanted === undefined && level === undefined;
  }
  return (wanted === '+' || wanted === level) && levelsMatch(others, rest);
}

/** Of a shared subscription what stands behind the name of the group. */
export function behindShare(filter: string): string {
  return filter.split('/').slice(2).join('/');
}

export function isShared(filter: string): boolean {
  return filter.startsWith('$share/');
}
