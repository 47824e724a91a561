/** The accounts of all clients, and the books that are kept of them. */
import type { Restored } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { Plan } from '../plan.ts';
import { Account } from './account.ts';
import { Awake } from './awake.ts';
import { type Calm, WRITE } from './calm.ts';
import type { Findings } from './findings.ts';
import { Pauses } from './pauses.ts';
import { PoisonBook } from './poison.ts';
import { Presence } from './presence.ts';
import { Promises } from './promises.ts';
import { Releases } from './releases.ts';
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

export class Ledgers {
  readonly parts: BooksParts;
  readonly accounts = new Map<string, Account>();
  readonly byLink = new Map<string, Account>();
  readonly toBroker: ToBroker;
  readonly toClient: ToClient;
  readonly presence: Presence;
  readonly promises: Promises;
  readonly awake: Awake;
  readonly pauses: Pauses;
  readonly poison: PoisonBook;
  readonly releases: Releases;
  readonly window: Window;

  constructor(parts: BooksParts) {
    this.parts = parts;
    const { plan, findings, calm, now, later, broker, restored, asksDisk } = parts;
    this.promises = new Promises({ findings, broker, restored, isDue: asksDisk, now, later });
    this.poison = new PoisonBook(findings, () => calm.running); // I-37
    this.pauses = new Pauses({
      findings,
      now,
      running: () => calm.running,
      grace: plan.gateway.grace,
      isHeld: () => calm.heldByDisk() > WRITE,
    });
    const { retryInterval, retryCount } = plan.gateway;
    this.releases = new Releases({ calm, now, later, window: retryInterval * (retryCount + 1) });
    this.window = new Window(findings, plan.broker);
    this.toBroker = new ToBroker({
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
    this.toClient = new ToClient({
      findings,
      broker,
      now,
      mayBeOf: (at) => now() - at <= calm.heldByDisk(),
      wasTakenOver: (clientId) => calm.wasTakenOver(clientId),
    });
    this.awake = new Awake(findings, broker, plan.gateway, calm, now);
    const onGone = (account: Account, why: string): void => this.toBroker.excuse(account, why);
    const isReleaseOwed = (account: Account): boolean => this.releases.isOwed(account);
    const isPausing = (clientId: string): boolean => this.pauses.isPausing(clientId);
    this.presence = new Presence({
      findings,
      plan: plan.gateway,
      clients: plan.clients.length,
      calm,
      broker,
      now,
      later,
      isReleaseOwed,
      isPausing,
      onGone,
    });
    for (const client of plan.clients) {
      this.accounts.set(client.id, new Account(client));
    }
  }

  of(clientId: string, then: (account: Account) => void): void {
    const account = this.accounts.get(clientId);
    if (account !== undefined) {
      then(account);
    }
  }
}
