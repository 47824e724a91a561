/** Addresses and networks, as access rules have them: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`, and what other transports call a host. */

const V4_OCTETS = 4;
const V6_GROUPS = 8;

export class AddressRange {
  /** As it is written, for what is no IP address. */
  readonly #text: string;
  readonly #network: readonly number[] | undefined;
  readonly #bits: number;

  /** Anything else than an IP address or network stands for itself. */
  constructor(text: string) {
    this.#text = text.toLowerCase();
    const slash = text.indexOf('/');
    this.#network = ipOctets(slash < 0 ? text : text.slice(0, slash));
    const all = (this.#network?.length ?? 0) * 8;
    // 10.0.0.0/8 written as ::ffff:10.0.0.0/104 has the bits of the longer form.
    const written = slash < 0 ? all : Number(text.slice(slash + 1));
    this.#bits = text.includes(':') && all === V4_OCTETS * 8 && slash >= 0 ? written - 96 : written;
  }

  /** Whether a client is there. `host`: octets, where it is an IP address. `address`: with its port. */
  has(host: string, octets: readonly number[] | undefined, address: string): boolean {
    if (this.#network === undefined) {
      return this.#text === host.toLowerCase() || this.#text === address.toLowerCase();
    }
    if (octets?.length !== this.#network.length) {
      return false;
    }
    for (let bit = 0; bit < this.#bits; bit += 8) {
      const mask = 0xff << Math.max(0, 8 - (this.#bits - bit));
      const at = bit / 8;
      if ((((octets[at] ?? 0) ^ (this.#network[at] ?? 0)) & mask & 0xff) !== 0) {
        return false;
      }
    }
    return true;
  }
}

/** The octets of an IP address, 4 or 16; of an IPv4 address in IPv6 form (`::ffff:…`) the 4. A zone (`%eth0`) is left out. Undefined: it is none. */
export function ipOctets(text: string): readonly number[] | undefined {
  if (!text.includes(':')) {
    return v4Octets(text);
  }
  const address = text.replace(/%.*$/, '');
  const dotted = address.includes('.') ? v4Octets(address.slice(address.lastIndexOf(':') + 1)) : undefined;
  if (address.includes('.') && dotted === undefined) {
    return undefined;
  }
  const tail = dotted ?? [];
  const head =
    dotted === undefined ? address : address.slice(0, address.lastIndexOf(':') + 1).replace(/([^:]):$/, '$1');
  const groups = V6_GROUPS - tail.length / 2;
  const [before, after, ...more] = head.split('::');
  const [first, last] = [groupsOf(before ?? ''), groupsOf(after ?? '')];
  const missing = groups - (first?.length ?? 0) - (last?.length ?? 0);
  if (
    first === undefined ||
    last === undefined ||
    more.length > 0 ||
    (after === undefined ? missing !== 0 : missing < 1)
  ) {
    return undefined;
  }
  const all = [...first, ...new Array<number>(missing).fill(0), ...last].flatMap((group) => [group >> 8, group & 0xff]);
  const octets = [...all, ...tail];
  const isMapped = octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  return isMapped ? octets.slice(12) : octets;
}

function v4Octets(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  const octets = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return octets.length === V4_OCTETS && octets.every((octet) => octet < 256) ? octets : undefined;
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') {
    return [];
  }
  const groups = text.split(':');
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}
