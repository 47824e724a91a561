/** The books of sleepers: nothing is sent to one that sleeps, and PINGRESP comes last. */
import type { Message } from '../../../src/codec/message.ts';
import type { GatewayPlan } from '../plan.ts';
import type { Account } from './account.ts';
import { type Calm, DISK, WRITE, WRITE_IN_TROUBLE } from './calm.ts';
import type { Findings } from './findings.ts';

/** What the broker had this long before PINGREQ is with the gateway. */
const ON_THE_WAY = 3_000;

/** What the gateway has, or the broker for it, for a client whose connection to the broker stands; and since when. */
export type Waiting = (account: Account) => readonly { readonly name: string; readonly since: number }[];

export class Awake {
  readonly #findings: Findings;
  readonly #waiting: Waiting;
  readonly #plan: GatewayPlan;
  readonly #calm: Calm;
  readonly #now: () => number;

  constructor(findings: Findings, waiting: Waiting, plan: GatewayPlan, calm: Calm, now: () => number) {
    this.#findings = findings;
    this.#waiting = waiting;
    this.#plan = plan;
    this.#calm = calm;
    this.#now = now;
  }

  /** The gateway handles a message of the client. */
  heard(account: Account, message: Message): void {
    if (message.type === 'DISCONNECT') {
      const sleeps = (message.duration ?? 0) > 0 && account.state !== 'gone'; // T-31: nobody that it knows gets no answer
      account.air = sleeps ? 'going' : 'up';
      account.goings = sleeps ? account.goings + 1 : 0;
    } else if (message.type === 'PINGREQ') {
      account.pinged = this.#now();
      if (account.air !== 'asleep') {
        return;
      }
      account.air = 'awake';
      account.awakeSince = this.#now();
    } else if (message.type === 'CONNECT' && account.air === 'asleep') {
      account.air = 'going';
    }
  }

  /** The gateway sends one. */
  sent(account: Account, message: Message): void {
    switch (message.type) {
      case 'DISCONNECT':
        account.air = account.air === 'going' || (account.air === 'asleep' && account.goings > 0) ? 'asleep' : 'up';
        account.goings = Math.max(0, account.goings - 1);
        return;
      case 'CONNACK':
        account.air = 'up';
        account.goings = 0;
        return;
      case 'PINGRESP':
        if (account.air === 'awake') {
          account.air = 'asleep';
          account.awakeFull = this.#isBounded(account) && account.gotAt >= account.awakeSince;
          this.#everythingDone(account);
        }
        return;
      case 'PUBLISH':
      case 'REGISTER':
        if (account.air === 'asleep' && this.#now() - account.pinged > this.#late) {
          this.#findings.object('sent-to-sleeper', `${message.type} is sent to ${account.plan.id}, which sleeps`);
        }
    }
  }

  /** PINGRESP may wait for the disk, and the next PINGREQ come meanwhile. */
  get #late(): number {
    return this.#now() - this.#calm.disturbedUntil(DISK) < WRITE_IN_TROUBLE ? WRITE_IN_TROUBLE : WRITE;
  }

  /** SL-15: the awake period may have ended before everything was delivered. */
  #isBounded({ awakeSince }: Account): boolean {
    return this.#plan.maxAwakeMessages > 0 || this.#now() - awakeSince > 55_000;
  }

  #everythingDone(account: Account): void {
    const { id } = account.plan;
    const { awakeSince } = account;
    const calmSince = this.#calm.disturbedUntil(id);
    if (this.#isBounded(account) || calmSince > awakeSince - 60_000) {
      return;
    }
    for (const { name, since } of this.#waiting(account)) {
      const entry = account.deliveries.get(name);
      if (since < awakeSince - ON_THE_WAY && entry !== undefined && entry.got === 0 && !entry.sent) {
        this.#findings.object('pingresp-early', `${id} gets PINGRESP, and ${name} waits for it`);
      }
    }
  }
}
