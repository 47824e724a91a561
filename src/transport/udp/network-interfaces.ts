/** The network interfaces of this machine, which come, go, and are made anew. */
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

export interface NetworkInterface {
  /** `eth0` */
  readonly name: string;
  /** Another one when it is made anew; undefined where the system does not tell. */
  readonly index: number | undefined;
  /** Without zones. */
  readonly addresses: readonly string[];
}

/** Where interfaces are looked up; another one than `systemInterfaces` only in tests. */
export interface InterfaceSource {
  /** Those that there are now, also without an address where the system shows them. */
  list(): readonly NetworkInterface[];
  /** Calls `changed` whenever they are others than before. Returns the means to stop that. */
  watch(changed: () => void): () => void;
}

/** How often they are looked at, in milliseconds: the system says nothing of its own accord. */
const WATCH_INTERVAL = 3_000;

/** Where Linux lists them all. */
const SYS_CLASS_NET = '/sys/class/net';

export const systemInterfaces: InterfaceSource = {
  list,
  watch(changed) {
    let before = JSON.stringify(list());
    const timer = setInterval(() => {
      const now = JSON.stringify(list());
      if (now !== before) {
        before = now;
        changed();
      }
    }, WATCH_INTERVAL).unref();
    return () => clearInterval(timer);
  },
};

function list(): readonly NetworkInterface[] {
  const withAddress = networkInterfaces();
  const names = new Set([...Object.keys(withAddress), ...unlessMissing(() => readdirSync(SYS_CLASS_NET), [])]);
  return [...names].toSorted().map((name) => {
    const entries = withAddress[name] ?? [];
    const index = unlessMissing(() => Number(readFileSync(`${SYS_CLASS_NET}/${name}/ifindex`, 'latin1')), undefined);
    const scope = entries.find((entry) => entry.family === 'IPv6' && entry.scopeid !== 0);
    return {
      name,
      index: index ?? (scope?.family === 'IPv6' ? scope.scopeid : undefined),
      addresses: entries.map(({ address }) => withoutZone(address)),
    };
  });
}

/** Other systems have no such files, and an interface may go while it is looked at. */
function unlessMissing<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** The interface that a zone (`fe80::1%eth0`, `::%2`) names; undefined where there is none, or no zone. */
export function interfaceOfZone(
  address: string,
  interfaces: readonly NetworkInterface[],
): NetworkInterface | undefined {
  const zone = zoneOf(address);
  return zone === undefined ? undefined : interfaces.find(({ name, index }) => name === zone || `${index}` === zone);
}

/** One line for the operator where an address names an interface that does not exist; undefined where it does, or names none. */
export function zoneProblem(address: string, interfaces: readonly NetworkInterface[]): string | undefined {
  const zone = zoneOf(address);
  if (zone === undefined || interfaceOfZone(address, interfaces) !== undefined) {
    return undefined;
  }
  const names = interfaces.map(({ name }) => name).join(', ');
  return `${address}: there is no network interface ${zone === '' ? 'without a name' : zone}; there are ${names}`;
}

/** What stands behind `%`; undefined: nothing. */
export function zoneOf(address: string): string | undefined {
  return address.includes('%') ? address.slice(address.indexOf('%') + 1) : undefined;
}

export function withoutZone(address: string): string {
  return address.split('%', 1)[0] as string;
}
