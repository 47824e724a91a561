/** The tables that several parts of the core use, looked at from inside: what they say of themselves has to agree. */
import type { Thing } from './graph.ts';

export type Complain = (problem: string) => void;

/** A `SourceTable`: entries, sources and the heap of those that have something to give to anybody. */
export function checkSourceTable(table: Thing, name: string, complain: Complain): void {
  const counts = new Map<object, number>();
  for (const [entry, source] of table.$byEntry) {
    counts.set(source, (counts.get(source) ?? 0) + table.$weightOf(entry));
    if (table.$byName.get(source.name) !== source) {
      complain(`${name}: an entry is of source "${source.name}", which is not in the table`);
    }
  }
  for (const source of table.$byName.values()) {
    if (source.count !== (counts.get(source) ?? 0)) {
      complain(`${name}: source "${source.name}" counts ${source.count}, it has ${counts.get(source) ?? 0}`);
    }
    for (const entry of source.offered.keys()) {
      if (table.$byEntry.get(entry) !== source) {
        complain(`${name}: source "${source.name}" offers an entry that it does not have`);
      }
    }
    const gives = source.offered.size > 0 && !table.$isPrivate(source.name);
    if (gives !== source.position >= 0) {
      complain(`${name}: source "${source.name}" offers ${source.offered.size}, its place is ${source.position}`);
    }
  }
  for (const [place, source] of table.$heap.entries()) {
    if (source.position !== place || table.$byName.get(source.name) !== source) {
      complain(`${name}: place ${place} of the heap has a source that is not there`);
    }
    const above = table.$heap[(place - 1) >> 1];
    if (place > 0 && (above.count < source.count || (above.count === source.count && above.oldest > source.oldest))) {
      complain(`${name}: place ${place} of the heap comes before the one above it`);
    }
  }
}

/** The names of what an owner waits for. */
export function namesOfWaits(deadlines: Thing, owner: Thing): string[] {
  const names: string[] = [];
  for (let row = owner.waits; row !== -1; row = deadlines.$next[row]) {
    names.push(deadlines.$names[row]);
  }
  return names;
}

/** The deadlines: a heap of rows, and each owner knows its own; the other rows are free. Returns who waits. */
export function checkDeadlines(deadlines: Thing, complain: Complain): ReadonlySet<Thing> {
  const owners = new Set<Thing>();
  const { $heap, $size, $at, $order, $place, $next, $names, $owners } = deadlines;
  for (let place = 0; place < $size; place++) {
    const row = $heap[place];
    const owner = $owners[row];
    owners.add(owner);
    if ($place[row] !== place || !namesOfWaits(deadlines, owner).includes($names[row])) {
      complain(`deadlines: place ${place} has "${$names[row]}" of ${nameOf(owner)}, who does not know it`);
    }
    const above = $heap[(place - 1) >> 1];
    if (place > 0 && ($at[above] > $at[row] || ($at[above] === $at[row] && $order[above] > $order[row]))) {
      complain(`deadlines: place ${place} is due before the one above it`);
    }
  }
  let known = 0;
  for (const owner of owners) {
    const names = namesOfWaits(deadlines, owner);
    known += names.length;
    if (new Set(names).size < names.length) {
      complain(`deadlines: ${nameOf(owner)} waits for one thing twice (${names.join(', ')})`);
    }
  }
  if (known !== $size) {
    complain(`deadlines: ${$size} are in the heap, their owners know ${known}`);
  }
  let free = 0;
  for (let row = deadlines.$firstFree; row !== -1; row = $next[row]) {
    free += 1;
    if ($owners[row] !== undefined) {
      complain(`deadlines: row ${row} is free, and ${nameOf($owners[row])} has it`);
    }
  }
  if (free + $size !== $owners.length) {
    complain(`deadlines: of ${$owners.length} rows ${$size} are in the heap, ${free} are free`);
  }
  return owners;
}

/** The queue of publishes with QoS 0 and −1. */
export function checkOfflineQueue(offline: Thing, complain: Complain): void {
  let octets = 0;
  let messages = 0;
  const ofLinks = new Map<string, Thing>();
  for (const waiting of offline.$byOwner.values()) {
    if (waiting.size === 0) {
      complain('offline queue: an owner has nothing');
    }
    for (const one of waiting) {
      messages += 1;
      octets += one.publish.payload.length;
      ofLinks.set(`${one.publish.host} ${one.publish.link}`, one);
      if (!offline.$hosts.has(one) || !offline.$links.get(one.publish.host)?.has(one)) {
        complain('offline queue: something that waits is not in the tables of its host');
      }
    }
  }
  const ofHosts = [...offline.$links.values()].reduce((sum: number, { size }: Thing) => sum + size, 0);
  if (messages !== offline.$hosts.size || messages !== ofHosts || octets !== offline.$octets) {
    complain(
      `offline queue: ${messages} messages wait; ${offline.$hosts.size}, ${ofHosts} are counted, or octets differ`,
    );
  }
  if (ofLinks.size !== offline.$newest.size) {
    complain(`offline queue: ${ofLinks.size} links have something, ${offline.$newest.size} have a last one`);
  }
  checkSourceTable(offline.$hosts, 'offline queue', complain);
  for (const [host, links] of offline.$links) {
    checkSourceTable(links, `offline queue of ${host}`, complain);
  }
}

/** Whoever owns something, for people. */
export function nameOf(owner: Thing): string {
  return owner.clientId === undefined ? (owner.kind ?? owner.constructor.name) : `client "${owner.clientId}"`;
}

/** A `FairLine`: everybody in it has one place, and no link or host is empty. */
export function checkFairLine(line: Thing, name: string, complain: Complain): void {
  let waiting = 0;
  for (const [host, links] of line.$hosts) {
    for (const [link, ofLink] of links) {
      waiting += ofLink.size;
      for (const one of ofLink) {
        const place = line.$places.get(one);
        if (place?.host !== host || place?.link !== link) {
          complain(`${name}: somebody is at ${link} of ${host} and has another place`);
        }
      }
      if (ofLink.size === 0) {
        complain(`${name}: nobody is at ${link} of ${host}`);
      }
    }
    if (links.size === 0) {
      complain(`${name}: nobody is at ${host}`);
    }
  }
  if (waiting !== line.$places.size) {
    complain(`${name}: ${waiting} are in it, ${line.$places.size} have a place`);
  }
}

/** What is counted as under way to the broker is what the sessions have. */
export function checkOpenPublishes(open: Thing, sessions: Iterable<Thing>, complain: Complain): void {
  let size = 0;
  let payloads = 0;
  let counted = 0;
  for (const session of sessions) {
    for (const { payload, isCounted } of session.unfold().$inbound?.exchanges ?? []) {
      size++;
      payloads += payload.length;
      counted += isCounted ? 256 + payload.length : 0;
    }
  }
  const ofHosts = [...open.$hosts.values()].reduce((sum: number, octets: number) => sum + octets, 0);
  const ofLinks = [...open.$links.values()].reduce((sum: number, octets: number) => sum + octets, 0);
  const octets = payloads + 256 * size;
  if (open.$size !== size || open.$octets !== octets || ofHosts !== counted || ofLinks !== counted) {
    complain(
      `publishes under way: ${size} with ${octets} octets, counted are ${open.$size} with ${open.$octets} (${ofHosts}, ${ofLinks})`,
    );
  }
}
