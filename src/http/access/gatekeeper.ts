import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import type { Clock } from '../../ports/clock.ts';
import { HttpProblem } from '../http-problem.ts';
import type { HttpSettings } from '../http-settings.ts';
import type { Audience, Viewer } from '../route.ts';
import { clientAddress, limitedAs } from './client-address.ts';
import { Credentials } from './credentials.ts';
import { FailureLimit } from './failure-limit.ts';
import { checkHost, checkOrigin, KnownHosts } from './request-checks.ts';
import { RequestRate } from './request-rate.ts';

/** What an operator has to do so that the page acts. */
export const READ_ONLY_HINT =
  'Without http.users or http.token nobody is asked who he is, so this gateway shows and does nothing. Set http.users (mqtt-sn-gateway hash-password makes the hash of a password) or http.token, and have the settings read again (SIGHUP), or start it again.';

export type GatekeeperSettings = Pick<HttpSettings, 'host' | 'users' | 'token' | 'allowedHosts'>;

export interface GatekeeperParts {
  /** As they are now: another object where they have changed. */
  settings(): GatekeeperSettings;
  readonly clock: Pick<Clock, 'now'>;
  /** Is told of each address that has sent too many wrong passwords or tokens, and for how many seconds none is looked at. */
  readonly blocked: (address: string, seconds: number) => void;
}

/** Who may come in: looks at every request before anything of it is done, or its body is read. */
export class Gatekeeper {
  readonly #parts: GatekeeperParts;
  readonly #failures: FailureLimit;
  readonly #rate: RequestRate;
  /** Of what is for everybody, health: whoever supervises the gateway is not shut out by a page or a script on the same machine or behind the same proxy. */
  readonly #rateOfAnybody: RequestRate;
  #settings: GatekeeperSettings;
  #hosts: KnownHosts;
  #credentials: Credentials;

  constructor(parts: GatekeeperParts) {
    this.#parts = parts;
    this.#failures = new FailureLimit(parts.clock, parts.blocked);
    this.#rate = new RequestRate(parts.clock);
    this.#rateOfAnybody = new RequestRate(parts.clock);
    this.#settings = parts.settings();
    this.#hosts = hostsIn(this.#settings);
    this.#credentials = new Credentials(this.#settings);
  }

  /** Whether whoever sees the page may act, too. */
  get mayAct(): boolean {
    this.#look();
    return this.#credentials.needed;
  }

  /** Lets a request in for a route of this audience, which costs as much as so many others, or rejects with `HttpProblem`. */
  async admit(request: IncomingMessage, audience: Audience, cost: number): Promise<Viewer> {
    this.#look();
    const address = clientAddress(request.socket.remoteAddress);
    checkHost(request, this.#hosts);
    const rate = audience === 'anybody' ? this.#rateOfAnybody : this.#rate;
    if (!rate.admits(limitedAs(address), cost)) {
      throw new HttpProblem('too-many-requests', 'Too many requests came from this address; ask less often.', {
        'retry-after': '1',
      });
    }
    checkOrigin(request, this.#hosts);
    if (audience === 'anybody') {
      return { address, name: undefined, isCurrent: () => true };
    }
    const credentials = this.#credentials;
    const name = credentials.needed ? await this.#identify(request, address, credentials) : undefined;
    if (audience === 'operators' && !credentials.needed) {
      throw new HttpProblem('read-only', READ_ONLY_HINT);
    }
    return { address, name, isCurrent: () => this.#look() === credentials };
  }

  /** Takes over settings that have changed; the credentials that count. */
  #look(): Credentials {
    const settings = this.#parts.settings();
    if (settings !== this.#settings) {
      if (!isSame(settings.users, this.#settings.users) || settings.token !== this.#settings.token) {
        this.#credentials = new Credentials(settings);
      }
      this.#hosts = hostsIn(settings);
      this.#settings = settings;
    }
    return this.#credentials;
  }

  async #identify(request: IncomingMessage, address: string, credentials: Credentials): Promise<string> {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      throw challenge(credentials, credentials.hint);
    }
    const source = limitedAs(address);
    const blockedFor = this.#failures.blockedFor(source);
    if (blockedFor > 0) {
      const detail = `Too many wrong passwords or tokens came from this address: none is looked at for ${blockedFor} s.`;
      throw new HttpProblem('too-many-requests', detail, { 'retry-after': String(blockedFor) });
    }
    const name = credentials.recognise(authorization) ?? (await this.#verify(authorization, source, credentials));
    if (name === undefined) {
      throw challenge(credentials, 'User name and password, or the token, are wrong.');
    }
    return name;
  }

  /** A page asks for many files at a time: all wait for one hash, and are one failure. */
  async #verify(authorization: string, source: string, credentials: Credentials): Promise<string | undefined> {
    const underWay = credentials.underWay(authorization);
    if (underWay !== undefined) {
      return underWay;
    }
    this.#failures.attempt(source);
    let wrong = false;
    try {
      const name = await credentials.verify(authorization);
      wrong = name === undefined;
      return name;
    } finally {
      if (wrong) {
        this.#failures.failed(source);
      } else {
        this.#failures.succeeded(source);
      }
    }
  }
}

function challenge(credentials: Credentials, detail: string): HttpProblem {
  return new HttpProblem('credentials-needed', detail, { 'www-authenticate': credentials.challenges });
}

function hostsIn({ host, allowedHosts }: GatekeeperSettings): KnownHosts {
  return new KnownHosts(allowedHosts ?? [host, hostname(), `${hostname()}.local`]);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
