/** The accounts of all clients, and the books that are kept of them. */
import type { Restored, StoredRecord } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession, Outgoing } from '../broker-session.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import { type ConnectionPlan, changesMode, everShares, type Plan, sharesConnection } from '../plan.ts';
import { SHARED } from '../wire.ts';
import { Account } from './account.ts';
import { Awake, type Waiting } from './awake.ts';
import { type Calm, WRITE } from './calm.ts';
import { Doubts } from './doubts.ts';
import type { Check, Findings } from './findings.ts';
import { Pauses } from './pauses.ts';
import { PoisonBook } from './poison.ts';
import { Presence } from './presence.ts';
import { Promises } from './promises.ts';
import { Releases } from './releases.ts';
import { SharedOutage } from './shared-outage.ts';
import { SharedSide } from './shared-side.ts';
import type { SharedSubscriptions } from './shared-subscriptions.ts';
import { SharedWills } from './shared-wills.ts';
import { ToBroker } from './to-broker.ts';
import { ToClient } from './to-client.ts';
import { Window } from './window.ts';

export interface BooksParts {
  readonly plan: Plan;
  readonly findings: Findings;
  readonly calm: Calm;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  readonly broker: () => Broker;
  readonly restored: () => Restored;
  readonly asksDisk: () => boolean;
}

/** Nothing that comes on the shared connection so long after the own one has all subscriptions is for a client that has changed over. */
const LONGEST_BRIDGE = 10_000;

/** What the disk has of a shared connection. */
const OF_SHARED: ReadonlySet<StoredRecord['kind']> = new Set(['filter', 'relay', 'packet-ids', 'doubt']);

/** The gateway's connections to the broker. */
class Connections {
  /** Whose they are: client ids. */
  readonly clients = new Map<number, string>();
  /** Those that go on with a session that was forgotten. */
  readonly toForgotten = new Set<number>();
  /** Those of the present life. */
  readonly alive = new Set<number>();
}

export class Ledgers {
  readonly connections = new Connections();
  readonly parts: BooksParts;
  readonly accounts = new Map<string, Account>();
  /** Those that share the connection to the broker, and those for which messages may come on it still. */
  readonly #sharing = new Map<string, Account>();
  readonly byLink = new Map<string, Account>();
  readonly toBroker: ToBroker;
  readonly toClient: ToClient;
  readonly presence: Presence;
  readonly promises: Promises;
  readonly awake: Awake;
  readonly pauses: Pauses;
  readonly poison: PoisonBook;
  readonly releases: Releases;
  readonly doubts: Doubts;
  readonly window: Window;
  /** Of clients that share the connection to the broker; undefined: each has its own. */
  readonly shared: SharedSide | undefined;
  readonly sharedWills: SharedWills;
  readonly outage: SharedOutage;
  /** In this run it changes who shares the connection. */
  readonly changes: boolean;
  /** No client shares one by now, and the disk knows that some have before. */
  isSharedLeft = false;

  constructor(parts: BooksParts) {
    this.parts = parts;
    const { plan, findings, calm, now, later, broker, restored, asksDisk } = parts;
    this.promises = new Promises({
      findings,
      plan: plan.gateway,
      broker,
      restored,
      isDue: asksDisk,
      now,
      heldByDisk: () => calm.heldByDisk(),
      later,
    });
    this.changes = changesMode(plan);
    const isShared = everShares(plan);
    const held = (): number => (isShared ? calm.heldByDisk() - WRITE : 0);
    const isHeld = (): boolean => calm.heldByDisk() > WRITE;
    this.poison = new PoisonBook(findings, () => calm.running, held, isHeld); // I-37
    this.pauses = new Pauses({
      findings,
      now,
      running: () => calm.running,
      grace: plan.gateway.grace,
      isHeld,
      mayWaitForEnds: this.changes,
    });
    const { retryInterval, retryCount } = plan.gateway;
    this.releases = new Releases({ calm, now, later, window: retryInterval * (retryCount + 1) });
    this.doubts = new Doubts(calm, now);
    this.window = new Window(findings, plan.broker);
    this.outage = new SharedOutage(calm, now, plan.gateway.grace);
    const mayBeOf = (at: number): boolean => now() - at <= calm.heldByDisk();
    this.toBroker = new ToBroker({
      mayBeOf,
      isGraceOver: () => this.outage.isOver,
      broker: plan.broker,
      mounted: (clientId) => plan.gateway.topicPrefix.length + clientId.length,
      findings,
      now,
      poison: this.poison,
      releases: this.releases,
      isStoredAsReleased: (account, name) => this.promises.isStoredAsReleased(account, name),
      isStored: (account, name) => this.promises.isStored(account, name),
      promised: (account, name) => this.promises.received(account, name),
      storedPublishes: (account) => this.promises.storedPublishes(account),
    });
    const isStored = (account: Account, name: string, topic: string): boolean =>
      !asksDisk() || this.promises.isKeptFor(account, name, topic);
    this.toClient = new ToClient({
      findings,
      broker,
      waiting: (account) => this.#waiting(account).map(({ name }) => name),
      now,
      isFull: (account, unheard) => {
        const repeated = this.ofEither(account)?.repeated(account);
        return repeated !== undefined && unheard + repeated >= plan.gateway.queueMessages;
      },
      mayBeOf,
      wasTakenOver: (clientId) => calm.wasTakenOver(clientId),
      comesByShared: (account, name, topic) =>
        this.ofEither(account)?.hasHeardOf(account, name) === true || (this.changes && isStored(account, name, topic)),
    });
    this.sharedWills = new SharedWills(findings, calm, now);
    const { toClient } = this;
    const accounts = this.#sharing;
    const heldByDisk = (): number => calm.heldByDisk();
    this.shared = !isShared
      ? undefined
      : new SharedSide({
          findings,
          plan: plan.gateway,
          broker,
          accounts,
          toClient,
          now,
          later,
          heldByDisk,
          silenceOf: ({ heard }) => calm.running - heard,
          troubledUntil: () => calm.disturbedUntil(''),
          isStored,
        });
    this.awake = new Awake(findings, this.#waiting, plan.gateway, calm, now);
    const onGone = (account: Account, why: string, isSure = true): void => {
      this.toBroker.excuse(account, why);
      const shared = this.ofEither(account);
      if (isSure) {
        shared?.subscriptions.gone(account, /operator|said DISCONNECT/.test(why));
      } else {
        shared?.subscriptions.mayBeGone(account);
      }
    };
    const isReleaseOwed = (account: Account): boolean => this.releases.isOwed(account);
    const isPausing = (clientId: string): boolean => this.pauses.isPausing(clientId);
    this.presence = new Presence({
      findings,
      plan: plan.gateway,
      clients: plan.clients.length,
      calm,
      heldByDisk: () => calm.heldByDisk(),
      broker,
      isConnected: ({ plan: { id }, isShared }) => isShared || broker().sessions.get(id)?.wire !== undefined,
      isUnsent: (account) => this.#isUnsent(account),
      now,
      later,
      isReleaseOwed,
      isPausing,
      ownFelledAt: () => this.pauses.felledAt,
      onGone,
    });
    for (const client of plan.clients) {
      const account = new Account(client, sharesConnection(plan.gateway, client.id));
      this.accounts.set(client.id, account);
      if (account.isShared) {
        this.#sharing.set(client.id, account);
      }
    }
  }

  /** The books of the shared connection, if the client shares it. */
  sharedOf({ isShared }: Account): SharedSide | undefined {
    return isShared ? this.shared : undefined;
  }

  /** The same, also if it has shared it before, or may later on. */
  ofEither(account: Account): SharedSide | undefined {
    return this.changes ? this.shared : this.sharedOf(account);
  }

  /** What the client has subscribed to, where that counts on the shared connection, now or later. */
  subscriptionsOf(account: Account): SharedSubscriptions | undefined {
    return this.ofEither(account)?.subscriptions;
  }

  /** The next life of the gateway has another mode, or others with a connection of their own. */
  modeChanged(setup: ConnectionPlan, records: readonly StoredRecord[]): void {
    this.isSharedLeft = setup.mode === 'transparent' && records.some(({ kind }) => OF_SHARED.has(kind));
    const shared = this.parts.broker().sessions.get(SHARED);
    this.#sharing.clear();
    for (const account of this.accounts.values()) {
      const wasShared = account.isShared;
      account.isShared = sharesConnection(setup, account.plan.id);
      if (!account.isShared) {
        account.joined = undefined;
      } else if (!wasShared) {
        account.joined = { at: this.parts.now(), session: shared };
        account.ownUntold = !records.some(
          (record) => record.kind === 'session' && record.clientId === account.plan.id && record.shared !== true,
        );
        for (const { payload } of this.#atBroker(account)) {
          this.shared?.isNotFetched(account, nameOf(payload));
        }
        for (const { payload } of outgoingOf(shared)) {
          this.toClient.mayComeAgain(account, nameOf(payload)); // it waits there for another filter, which nobody names in MQTT 3.1.1 (I-158)
        }
        this.shared?.joins(account);
      }
      if (account.clean && wasShared && !account.isShared) {
        this.shared?.isUnbridged(account); // what comes for sleepers that had connected clean is bridged to none (I-159)
      }
      if (account.isShared || account.clean) {
        account.bridge = undefined;
      } else if (wasShared) {
        account.bridge = shared;
        this.shared?.hasItsOwn(account);
        account.bridgeEnds = Number.POSITIVE_INFINITY;
        account.mayBeUnbridged = false;
        account.bridgeFilters = [...(this.shared?.subscriptions.shadowOf(account).possible.keys() ?? [])];
        this.#collected(account);
      }
      if (account.isShared || account.bridge !== undefined) {
        this.#sharing.set(account.plan.id, account);
      }
    }
  }

  /** What its own session at the broker has by now, and had not been asked for (I-158). */
  #collected(account: Account): void {
    for (const { payload, topic, qos, retain } of this.#atBroker(account)) {
      this.toClient.enqueued(account, nameOf(payload), topic, qos, retain || account.ownUntold);
    }
    account.ownUntold = false;
  }

  /** PINGRESP on the shared connection: nothing is left there of before. */
  drained(): void {
    for (const account of this.#sharing.values()) {
      account.mayBeUnbridged ||= account.bridgeEnds < Infinity;
    }
  }

  /** A message comes on the own connection of a client that has shared one. Where its bridge may be over it is no second one of what came by that (I-159). */
  heardOwn(account: Account, payload: Uint8Array): void {
    if (account.mayBeUnbridged) {
      this.toClient.comesTwice(account, nameOf(payload));
    }
  }

  /** The broker has granted a filter on the own connection of a client: with the last one its bridge ends, soon, whatever comes (I-159). */
  grantedOwn(account: Account): void {
    const { bridge, plan } = account;
    const own = this.parts.broker().sessions.get(plan.id);
    const filters = [...(this.subscriptionsOf(account)?.shadowOf(account).filters.keys() ?? [])];
    if (bridge === undefined || own === undefined || filters.some((filter) => !own.subscriptions.has(filter))) {
      return;
    }
    const { calm, later } = this.parts;
    const ends = calm.running + LONGEST_BRIDGE; // a process that stands still ends nothing
    account.bridgeEnds = ends;
    const look = (): void => {
      const left = ends - calm.running;
      if (account.bridge !== bridge || account.bridgeEnds !== ends) {
        return;
      }
      if (left > 0) {
        later(left, look);
        return;
      }
      account.bridge = undefined;
      this.shared?.isUnbridged(account);
    };
    later(LONGEST_BRIDGE, look);
  }

  /** What its own session at the broker has for it. */
  #atBroker({ plan }: Account): readonly Outgoing[] {
    return outgoingOf(this.parts.broker().sessions.get(plan.id));
  }

  readonly #waiting: Waiting = (account) => {
    const owed = this.ofEither(account)?.waiting(account) ?? [];
    const ofShared = owed.map(({ debt }) => ({ name: debt.name, since: debt.arrivedAt }));
    return account.isShared ? ofShared : [...ofShared, ...this.#waitingAtBroker(account)];
  };

  readonly #waitingAtBroker: Waiting = (account) => {
    const session = this.parts.broker().sessions.get(account.plan.id);
    const all = session?.wire === undefined ? [] : [...session.inflight.values(), ...session.waiting];
    const isRead = ({ topic }: { readonly topic: string }): boolean => !account.plan.denied.read.includes(topic);
    return all.filter(isRead).map(({ payload, since }) => ({ name: nameOf(payload), since }));
  };

  #isUnsent(account: Account): boolean {
    const shared = this.sharedOf(account);
    if (shared !== undefined) {
      return shared.waiting(account).some(({ entry, debt }) => !entry.sent && debt.arrivedAt < Infinity);
    }
    const inflight = this.parts.broker().sessions.get(account.plan.id)?.inflight.values() ?? [];
    return [...inflight].some(({ payload }) => account.deliveries.get(nameOf(payload))?.sent === false);
  }

  object(check: Check, text: string): void {
    this.parts.findings.object(check, text);
  }

  /** Whose message goes up on a connection: where clients share it, its name says so. */
  ownerOf(clientId: string, name: string): Account | undefined {
    if (this.shared === undefined || this.accounts.has(clientId)) {
      return this.accounts.get(clientId);
    }
    const account = this.accounts.get(name.replace(/^w\./, '').split('.')[0] ?? '');
    return account?.publishes.get(name)?.action.qos === -1 ? undefined : account; // it is nobody's
  }

  /** A topic of the broker, as clients know it. */
  bare(topic: string): string {
    return this.shared === undefined ? topic : bareTopic(this.parts.plan.gateway.topicPrefix, topic);
  }

  /** Whether a connection stands at the broker: else what the gateway hears on it was said before it broke. */
  stands(connection: number): boolean {
    const wires = [...this.parts.broker().wires];
    return wires.some(({ number, brokerEnded }) => number === connection && !brokerEnded);
  }

  of(clientId: string, then: (account: Account) => void): void {
    const account = this.accounts.get(clientId);
    if (account !== undefined) {
      then(account);
    }
  }
}

/** What the broker has in a session. */
function outgoingOf(session: BrokerSession | undefined): readonly Outgoing[] {
  return [...(session?.inflight.values() ?? []), ...(session?.waiting ?? [])];
}
