/** Which credentials towards the broker a client has, by the rules of `upstream.credentials` (I-126, I-127). */
import { Glob } from '../core/topics/glob.ts';
import type { CredentialRule, CredentialRules } from './credentials-file.ts';

/** What a client is at the broker. What is absent is as `upstream` has it. */
export interface ClientCredentials {
  /** The rule, for people. */
  readonly rule: string;
  /** The rule has a user name, a certificate or a key: user name and password of `upstream` are not this client's. */
  readonly hasLogin: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly certificate: CredentialRule['certificate'];
  readonly psk: CredentialRule['psk'];
  readonly clientIdPrefix: string | undefined;
}

/** Why a client is not let in, for people. */
export interface CredentialsRefusal {
  readonly refusal: string;
}

interface Rule {
  readonly at: number;
  readonly written: CredentialRule;
  readonly clientId: readonly Glob[] | undefined;
  readonly identity: readonly Glob[] | undefined;
}

/** Rules that are read once, for many clients. */
export class Credentials {
  readonly #isRefused: boolean;
  /** By a client id to the letter, of which there may be thousands. In the order of the file. */
  readonly #exact = new Map<string, Rule[]>();
  /** All others, in the order of the file. */
  readonly #others: Rule[] = [];

  constructor({ default: fallback, rules }: CredentialRules) {
    this.#isRefused = fallback === 'refuse';
    for (const [at, written] of rules.entries()) {
      const clientId = written.clientId?.map((pattern) => new Glob(pattern));
      const identity = written.identity?.map((pattern) => new Glob(pattern));
      this.#add({ at, written, clientId, identity });
    }
  }

  /** Of a client; undefined: those of `upstream`. */
  of(clientId: string, identity: string | undefined): ClientCredentials | CredentialsRefusal | undefined {
    const rule = this.#ruleOf(clientId, identity);
    if (rule === undefined) {
      return this.#isRefused ? { refusal: 'no rule of upstream.credentials fits it' } : undefined;
    }
    const { name, username, password, passwordTemplate, certificate, psk, clientIdPrefix } = rule.written;
    if (identity === undefined && [username, passwordTemplate].some(needsIdentity)) {
      return { refusal: `rule "${name}" of upstream.credentials has %i in it, and it has no identity` };
    }
    const filled = (template: string | undefined): string | undefined =>
      template === undefined ? undefined : fill(template, clientId, identity ?? '');
    return {
      rule: name,
      hasLogin: username !== undefined || certificate !== undefined || psk !== undefined,
      username: filled(username),
      password: password ?? filled(passwordTemplate),
      certificate,
      psk,
      clientIdPrefix,
    };
  }

  #add(rule: Rule): void {
    const { clientId } = rule.written;
    if (clientId === undefined || clientId.some((pattern) => /[*?]/.test(pattern))) {
      this.#others.push(rule);
      return;
    }
    for (const one of new Set(clientId)) {
      const same = this.#exact.get(one);
      if (same === undefined) {
        this.#exact.set(one, [rule]);
      } else {
        same.push(rule);
      }
    }
  }

  /** The first in the file that fits. */
  #ruleOf(clientId: string, identity: string | undefined): Rule | undefined {
    const fitsIdentity = (rule: Rule): boolean =>
      rule.identity === undefined ||
      (identity !== undefined && rule.identity.some((pattern) => pattern.matches(identity)));
    const exact = this.#exact.get(clientId)?.find(fitsIdentity);
    const other = this.#others.find(
      (rule) =>
        fitsIdentity(rule) &&
        (rule.clientId === undefined || rule.clientId.some((pattern) => pattern.matches(clientId))),
    );
    return exact === undefined || (other !== undefined && other.at < exact.at) ? other : exact;
  }
}

const PLACEHOLDERS = /%[ci%]/g;

function needsIdentity(template: string | undefined): boolean {
  return template?.match(PLACEHOLDERS)?.includes('%i') ?? false;
}

/** Once, from left to right: what is put in is not looked at again. */
function fill(template: string, clientId: string, identity: string): string {
  return template.replace(PLACEHOLDERS, (found) => (found === '%c' ? clientId : found === '%i' ? identity : '%'));
}
