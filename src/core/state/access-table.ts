/** The access rules, read once: which one is that of a client, by facts of the client only. */

import type { AccessGrants, AccessRule, AccessSettings } from '../contract/access-settings.ts';
import { Glob } from '../topics/glob.ts';
import { areCommon, type GrantedTopics, grantedTopics } from '../topics/granted-topics.ts';
import { AddressRange, ipOctets } from './address-range.ts';
import { ClientAccess, type SessionQuota } from './client-access.ts';
import { PublishRate } from './publish-rate.ts';
import { remember } from './remember.ts';

/** Of whom it is asked. */
export interface AccessFacts {
  readonly transport: string;
  readonly host: string;
  readonly address: string;
  readonly identity: string | undefined;
  /** Undefined: a sender of QoS −1 without a session. */
  readonly clientId: string | undefined;
  /** It is a node behind the forwarder that is at that host. */
  readonly isForwarded: boolean;
}

/** What is remembered of how much was published lately, and of senders of QoS −1; the one that was asked for longest ago is forgotten first. */
const REMEMBERED = 10_000;

const NOTHING: AccessGrants = {
  connect: false,
  publish: [],
  subscribe: [],
  deny: [],
  qosMinus1: false,
  retain: false,
  maxQos: 0,
};

/** For clients that no rule fits. */
const NO_RULE = 'access.default';

export class AccessTable {
  readonly settings: AccessSettings;
  readonly #rules: readonly Rule[];
  /** Those that are of some identities, or else of some client ids, to the letter, of which there may be thousands; and the others. */
  readonly #ofIdentity = new Map<string, Rule[]>();
  readonly #ofClientId = new Map<string, Rule[]>();
  readonly #others: Rule[] = [];
  readonly #nothing: ClientAccess;
  readonly #rates = new Map<string, PublishRate>();
  readonly #senders = new Map<string, ClientAccess | undefined>();

  constructor(settings: AccessSettings) {
    this.settings = settings;
    this.#rules = settings.rules.map((rule, at) => new Rule(rule, at));
    for (const rule of this.#rules) {
      this.#file(rule);
    }
    const topics = grantedTopics([], [], undefined, undefined);
    this.#nothing = new ClientAccess({
      rule: NO_RULE,
      grants: NOTHING,
      publish: topics,
      subscribe: topics,
      rate: undefined,
      quota: undefined,
    });
  }

  /** What is remembered, over all rules: it is bounded. */
  get remembered(): number {
    return this.#rules.reduce((sum, rule) => sum + rule.remembered, this.#rates.size + this.#senders.size);
  }

  /** What a client may do; undefined: everything. */
  find(facts: AccessFacts): ClientAccess | undefined {
    const rule = this.#firstFor(facts);
    if (rule === undefined) {
      return this.settings.default === 'allow' ? undefined : this.#nothing;
    }
    return rule.accessOf(facts, this.#rateOf(rule, facts));
  }

  #file(rule: Rule): void {
    const { exactIdentity, identity, clientId } = rule.rule;
    const identities = exactIdentity === undefined ? literals(identity) : [exactIdentity];
    const table = identities === undefined ? this.#ofClientId : this.#ofIdentity;
    const names = identities ?? literals(clientId);
    if (names === undefined) {
      this.#others.push(rule);
    }
    for (const name of new Set(names)) {
      const known = table.get(name);
      if (known === undefined) {
        table.set(name, [rule]);
      } else {
        known.push(rule);
      }
    }
  }

  #firstFor(facts: AccessFacts): Rule | undefined {
    const { host, identity = '', clientId = '' } = facts;
    const octets = ipOctets(host);
    let first: Rule | undefined;
    for (const rules of [this.#ofIdentity.get(identity), this.#ofClientId.get(clientId), this.#others]) {
      for (const rule of rules ?? []) {
        if (first !== undefined && rule.at > first.at) {
          break;
        }
        if (rule.fits(facts, octets)) {
          first = rule;
          break;
        }
      }
    }
    return first;
  }

  /** The same of a sender of QoS −1, who may send often. `key`: its link, node id included; over DTLS it may come to be at another address. */
  findSender(facts: AccessFacts, key: string): ClientAccess | undefined {
    const name = `${key} ${facts.address} ${facts.identity ?? ''}`;
    const access = this.#senders.has(name) ? this.#senders.get(name) : this.find(facts);
    remember(this.#senders, name, access, REMEMBERED);
    return access;
  }

  /** One that connects again and again has no more than before. */
  #rateOf({ name, rule }: Rule, { identity, clientId, transport, address }: AccessFacts): PublishRate | undefined {
    if (rule.rate === undefined) {
      return undefined;
    }
    const whose = JSON.stringify([name, identity ?? null, clientId ?? [transport, address]]);
    const rate = this.#rates.get(whose) ?? new PublishRate(rule.rate);
    remember(this.#rates, whose, rate, REMEMBERED);
    return rate;
  }
}

/** Patterns in which nothing stands for anything else; undefined: in some of them something does, or there are none. */
function literals(patterns: readonly string[] | undefined): readonly string[] | undefined {
  return patterns?.every((pattern) => !/[*?]/.test(pattern)) ? patterns : undefined;
}

/** One rule, with its patterns and networks read. */
class Rule {
  readonly rule: AccessRule;
  readonly name: string;
  /** Its place among all. */
  readonly at: number;
  readonly #hosts: readonly AddressRange[] | undefined;
  readonly #identities: readonly Glob[] | undefined;
  readonly #clientIds: readonly Glob[] | undefined;
  readonly #forwarders: readonly AddressRange[] | undefined;
  /** Where they are the same for all clients. */
  readonly #isCommon: boolean;
  #common: { readonly publish: GrantedTopics; readonly subscribe: GrantedTopics } | undefined;
  /** By identity; only those of which there is a session. */
  readonly #quotas = new Map<string, SessionQuota>();
  /** With so many of them it is looked which are of use. */
  #sweepAt = REMEMBERED;

  constructor(rule: AccessRule, at: number) {
    this.rule = rule;
    this.at = at;
    this.name = `${at} ${rule.name}`;
    this.#hosts = rule.host?.map((host) => new AddressRange(host));
    this.#identities = rule.identity?.map((pattern) => new Glob(pattern));
    this.#clientIds = rule.clientId?.map((pattern) => new Glob(pattern));
    this.#forwarders = rule.forwarder?.map((host) => new AddressRange(host));
    this.#isCommon = areCommon(rule.publish, rule.subscribe, rule.deny);
  }

  /** Identities of which the sessions are counted. */
  get remembered(): number {
    return this.#quotas.size;
  }

  fits(facts: AccessFacts, octets: readonly number[] | undefined): boolean {
    const { rule } = this;
    const { transport, identity, clientId, host, address } = facts;
    return (
      (rule.exactIdentity === undefined || rule.exactIdentity === identity) &&
      (rule.identified === undefined || rule.identified === (identity !== undefined)) &&
      (rule.transport === undefined || rule.transport.includes(transport)) &&
      (this.#identities === undefined || isOneOf(this.#identities, identity)) &&
      (this.#clientIds === undefined || isOneOf(this.#clientIds, clientId)) &&
      (this.#hosts === undefined || this.#hosts.some((range) => range.has(host, octets, address))) &&
      this.#comesThrough(facts, octets)
    );
  }

  #comesThrough({ isForwarded, host, address }: AccessFacts, octets: readonly number[] | undefined): boolean {
    const { forwarder } = this.rule;
    if (forwarder === undefined) {
      return true;
    }
    if (!isForwarded) {
      return forwarder.includes('none');
    }
    return forwarder.includes('any') || (this.#forwarders ?? []).some((range) => range.has(host, octets, address));
  }

  accessOf({ identity, clientId }: AccessFacts, rate: PublishRate | undefined): ClientAccess {
    const { publish, subscribe } = this.#topicsOf(clientId, identity);
    const rule = `access rule "${this.rule.name}"`;
    return new ClientAccess({ rule, grants: this.rule, publish, subscribe, rate, quota: this.#quotaOf(identity) });
  }

  #topicsOf(
    clientId: string | undefined,
    identity: string | undefined,
  ): { readonly publish: GrantedTopics; readonly subscribe: GrantedTopics } {
    if (this.#common !== undefined) {
      return this.#common;
    }
    const { publish, subscribe, deny } = this.rule;
    const topics = {
      publish: grantedTopics(publish, deny, clientId, identity),
      subscribe: grantedTopics(subscribe, deny, clientId, identity),
    };
    if (this.#isCommon) {
      this.#common = topics;
    }
    return topics;
  }

  #quotaOf(identity: string | undefined): SessionQuota | undefined {
    const { sessions } = this.rule;
    if (sessions === undefined) {
      return undefined;
    }
    const name = identity === undefined ? '' : `@${identity}`;
    const known = this.#quotas.get(name);
    if (known !== undefined) {
      return known;
    }
    if (this.#quotas.size >= this.#sweepAt) {
      this.#sweep();
    }
    const quota = { most: sessions, count: 0 };
    this.#quotas.set(name, quota);
    return quota;
  }

  /** Of identities without a session nothing is known. */
  #sweep(): void {
    for (const [name, { count }] of this.#quotas) {
      if (count === 0) {
        this.#quotas.delete(name);
      }
    }
    this.#sweepAt = Math.max(REMEMBERED, 2 * this.#quotas.size);
  }
}

function isOneOf(patterns: readonly Glob[], text: string | undefined): boolean {
  return text !== undefined && patterns.some((pattern) => pattern.matches(text));
}
