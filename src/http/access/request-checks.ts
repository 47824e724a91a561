/** Whether a request may come from a browser that is led here by somebody else's web site. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { HttpProblem } from '../http-problem.ts';

/**
 * The names of this machine in the header `Host`. A web site can have its own name lead to any address (DNS rebinding), but it can send no other
 * name than its own; so an IP address is right always, and `localhost`, which browsers ask nobody for.
 */
export class KnownHosts {
  readonly #names: ReadonlySet<string>;

  constructor(names: Iterable<string>) {
    this.#names = new Set([...names].map(plainName));
  }

  /** Whether a `Host`, or the host of an `Origin`, with or without port, is one of this machine. */
  has(host: string): boolean {
    const name = nameIn(host);
    return name !== undefined && (isIP(name) !== 0 || isLocalhost(name) || this.#names.has(name));
  }

  /** Whether the operator has named it, or it is the machine's: an address that any machine may have is not enough. */
  names(host: string): boolean {
    const name = nameIn(host);
    return name !== undefined && this.#names.has(name);
  }
}

/** Throws `HttpProblem` for a request that has the name of another machine. */
export function checkHost(request: IncomingMessage, hosts: KnownHosts): void {
  const { host = '' } = request.headers;
  // Of several the first would count here, and maybe another one for a proxy before it.
  if ((request.headersDistinct.host?.length ?? 0) > 1) {
    throw new HttpProblem('bad-request', 'expected one header Host, found several');
  }
  if (!hosts.has(host)) {
    const detail = `The request is for the host ${JSON.stringify(host.slice(0, 100))}. If this gateway is meant, add that name to http.allowedHosts.`;
    throw new HttpProblem('unknown-host', detail);
  }
}

/**
 * Throws `HttpProblem` for a request that a page of another web site has made: browsers say so, by `Sec-Fetch-Site`, or where the connection is
 * not secured by `Origin`. To follow a link to the page is right from anywhere.
 */
export function checkOrigin(request: IncomingMessage, hosts: KnownHosts): void {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, origin, host } = request.headers;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const isForeign =
    site !== undefined
      ? site !== 'same-origin' && site !== 'none'
      : origin !== undefined && hostOf(origin) !== host && !hosts.names(hostOf(origin));
  if (isForeign && !(isRead && mode === 'navigate')) {
    const from = origin === undefined ? '' : ` (${JSON.stringify(origin.slice(0, 100))})`;
    throw new HttpProblem('cross-site', `Pages of other web sites${from} may not ask this gateway.`);
  }
}

function nameIn(host: string): string | undefined {
  const [, bracketed, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  const found = bracketed ?? name;
  return found === undefined || found === '' ? undefined : plainName(found);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** `https://a.example:8884` to `a.example:8884`. */
function hostOf(origin: string): string {
  return origin.replace(/^[a-z]+:\/\//i, '');
}
