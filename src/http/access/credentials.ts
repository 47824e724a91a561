import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpProblem } from '../http-problem.ts';
import { passwordFits } from './password-hash.ts';

export interface CredentialSettings {
  readonly users: readonly { readonly name: string; readonly passwordHash: string }[];
  readonly token?: string | undefined;
}

/** What somebody says who he is. */
type Claim =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'user'; readonly name: string; readonly password: string };

/** Passwords that were right are known again without their hash: so many, the ones that were used last. */
const MOST_KNOWN = 100;
/** Hashes that wait to be made. One is made at a time: the store of sessions needs the other threads. */
const MOST_WAITING = 10;

/**
 * Who is who, by HTTP Basic and Bearer tokens. Where there are no users the token is a password, too, with any name: a browser can send it in no other
 * way. What is compared is compared in constant time. A password costs its hash only once: what was
 * right is known again by a digest whose key is made anew in each process.
 */
export class Credentials {
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #key = randomBytes(32);
  readonly #token: Buffer | undefined;
  /** Digest of user and password to the name of the user; the last used at the end. */
  readonly #known = new Map<string, string>();
  /** Digest of those whose hash is being made, or waits for that. */
  readonly #pending = new Map<string, Promise<string | undefined>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor({ users, token }: CredentialSettings) {
    this.#hashes = new Map(users.map(({ name, passwordHash }) => [name, passwordHash]));
    this.#token = token === undefined ? undefined : this.#digest(token);
  }

  /** Whether anybody is asked who he is. */
  get needed(): boolean {
    return this.#hashes.size > 0 || this.#token !== undefined;
  }

  /** What a browser or a script is asked for: values of WWW-Authenticate. */
  get challenges(): string[] {
    const realm = this.#takesToken ? 'MQTT-SN gateway: any name, and the token as the password' : 'MQTT-SN gateway';
    return [
      ...(this.needed ? [`Basic realm="${realm}", charset="UTF-8"`] : []),
      ...(this.#token !== undefined ? ['Bearer realm="MQTT-SN gateway"'] : []),
    ];
  }

  /** Who is answered to, in words. */
  get hint(): string {
    return this.#takesToken
      ? 'This gateway answers only to those who have its token. In a browser: any user name, and the token (http.token) as the password.'
      : 'This gateway answers only to its users (http.users, http.token).';
  }

  /** The name of whom an Authorization header is, or `token`, where that can be said at once; undefined: it has to be verified, or is wrong. */
  recognise(authorization: string): string | undefined {
    const claim = claimIn(authorization);
    if (claim?.kind === 'token') {
      return this.#isToken(claim.token) ? 'token' : undefined;
    }
    if (claim !== undefined && this.#takesToken) {
      return this.#isToken(claim.password) ? 'token' : undefined;
    }
    const digest = claim && this.#digestOf(claim);
    const name = digest === undefined ? undefined : this.#known.get(digest);
    if (digest !== undefined && name !== undefined) {
      this.#remember(digest, name);
    }
    return name;
  }

  /** A verification of the same header that is under way; undefined: there is none. */
  underWay(authorization: string): Promise<string | undefined> | undefined {
    const claim = claimIn(authorization);
    return claim?.kind === 'user' ? this.#pending.get(this.#digestOf(claim)) : undefined;
  }

  /** The name of whom a header is that was not recognised; undefined: it is wrong. Rejects with `HttpProblem` where too many are being verified. */
  async verify(authorization: string): Promise<string | undefined> {
    const claim = claimIn(authorization);
    if (claim?.kind !== 'user' || this.#hashes.size === 0) {
      return undefined;
    }
    if (this.#pending.size >= MOST_WAITING) {
      throw new HttpProblem('busy', 'Too many passwords are being looked at; try again in some seconds.', {
        'retry-after': '5',
      });
    }
    const digest = this.#digestOf(claim);
    const verified = this.#last.then(() => this.#nameOf(claim));
    this.#last = verified.catch(() => undefined);
    this.#pending.set(digest, verified);
    try {
      const name = await verified;
      if (name !== undefined) {
        this.#remember(digest, name);
      }
      return name;
    } finally {
      this.#pending.delete(digest);
    }
  }

  /** Whether the token is taken as a password. */
  get #takesToken(): boolean {
    return this.#hashes.size === 0 && this.#token !== undefined;
  }

  #isToken(text: string): boolean {
    return this.#token !== undefined && timingSafeEqual(this.#digest(text), this.#token);
  }

  async #nameOf({ name, password }: Extract<Claim, { kind: 'user' }>): Promise<string | undefined> {
    return (await passwordFits(password, this.#hashes.get(name))) ? name : undefined;
  }

  #remember(digest: string, name: string): void {
    this.#known.delete(digest);
    this.#known.set(digest, name);
    const [oldest] = this.#known.size > MOST_KNOWN ? this.#known.keys() : [];
    if (oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }

  #digestOf({ name, password }: Extract<Claim, { kind: 'user' }>): string {
    return this.#digest(`${name}:${password}`).toString('base64');
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function claimIn(authorization: string): Claim | undefined {
  const [, scheme = '', value = ''] = /^(Basic|Bearer) +([^ ]+) *$/i.exec(authorization) ?? [];
  if (scheme === '') {
    return undefined;
  }
  if (scheme.toLowerCase() === 'bearer') {
    return { kind: 'token', token: value };
  }
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { kind: 'user', name: text.slice(0, colon), password: text.slice(colon + 1) };
}
