import { RETURN_CODE } from '../../src/codec/message.ts';
import type { Random } from '../crash/random.ts';
import { pause } from '../crash/station.ts';
import { eventually } from '../support/eventually.ts';
import { Account, type AccountRules, type Expectation, type Sent } from './account.ts';
import type { Group } from './group.ts';
import { History } from './history.ts';
import { SnClient } from './sn-client.ts';
import { type ConnectOptions, type Publish, RefusedError, SentAway, type Will } from './sn-client-options.ts';
import { MEANINGLESS } from './sn-inbox.ts';
import { isShared, MARKER, matches, type Qos } from './topics.ts';
import { Twin } from './twin.ts';

/** What overlaps a message: a subscription that comes or goes, the client itself that does, or its whole session. */
export type Change = { readonly is: 'filter'; readonly filter: string } | { readonly is: 'presence' | 'session' };

export interface SubjectOptions {
  readonly clientId: string;
  readonly gatewayPort: number;
  readonly brokerUrl: string;
  /** Milliseconds. */
  readonly retryInterval: number;
  readonly predefined: boolean;
  /** What the topics of clients have before them at the broker. */
  readonly prefix: string;
  /** It has a shared subscription and no other one, save for the marker. */
  readonly group?: Group;
  readonly random: Random;
  readonly rules: AccountRules;
  readonly sent: ReadonlyMap<string, Sent>;
  readonly begun: number;
}

/** Seconds, longer than any run. */
const LONG_SLEEP = 36_000;

/** A client of the gateway and its twin at the broker, which do the same at the same moments. */
export class Subject {
  readonly clientId: string;
  readonly history: History;
  readonly account: Account;
  readonly filters = new Map<string, Qos>();
  state: 'absent' | 'active' | 'asleep' = 'absent';
  clean = true;
  /** Gone without a word, and its will has not come yet. */
  isMissing = false;
  /** As the gateway has it; undefined: none. */
  will: Will | undefined;
  /** While messages were published, and before that in the same round. */
  #changes: Change[] = [];
  #earlier: Change[] = [];
  readonly #client: SnClient;
  readonly #twin: Twin;
  readonly #isRough: boolean;
  readonly #sameQos: boolean;
  readonly #prefix: string;
  readonly group: Group | undefined;
  #wills = 0;
  #hasSession = false;

  constructor(options: SubjectOptions) {
    const { clientId, gatewayPort: port, brokerUrl: url, retryInterval, predefined, rules, sent, begun } = options;
    const { prefix, group } = options;
    this.clientId = clientId;
    this.#prefix = prefix;
    this.group = group;
    this.#isRough = rules.rough;
    this.#sameQos = rules.sameQos;
    const history = new History(begun);
    const account = new Account(sent, rules);
    this.history = history;
    this.account = account;
    this.#client = new SnClient({
      ...{ clientId, port, retryInterval, predefined, history },
      onArrival: (arrival) =>
        group && arrival.topic !== MARKER ? group.got(clientId, arrival) : account.clientGot(arrival),
      // A SUBACK that told the id may have been lost with a life of the gateway: it is told again, for the client says so (G-2).
      onRemark: (remark) => (rules.rough && remark.includes(MEANINGLESS) ? undefined : account.remark(remark)),
    });
    this.#twin = new Twin({
      ...{ clientId: `twin-${clientId}`, url, prefix, history },
      onArrival: (arrival) => account.twinGot(arrival),
    });
  }

  /** What was changed until now overlaps no message, but wills. */
  beginsMessages(): void {
    this.#earlier = this.#changes;
    this.#changes = [];
  }

  /** All messages until now are known, and all wills have come. */
  beginsAnew(): void {
    this.isMissing = false;
    this.#earlier = [];
    this.#changes = [];
  }

  /** What is to become of a message that was published since `beginsMessages`; of a will: since `beginsAnew`. */
  expectation(sent: Sent, isWill: boolean): Expectation {
    const matching = [...this.filters].filter(([filter]) => this.#matches(filter, sent.topic));
    const granted = matching.map(([, qos]) => qos);
    const highest = Math.max(0, ...granted);
    const by = matching.filter(([, granted]) => granted === highest).map(([filter]) => this.#prefix + filter);
    const qos = Math.min(sent.qos, highest) as Qos;
    const lowest = Math.min(sent.qos, ...granted);
    // Its twin has gone; its own connection stands until it is missed: there mosquitto sends the one copy that it has with any QoS that was granted.
    const isUnmissed = this.isMissing && this.#sameQos;
    if (isUnmissed && lowest === 0 && granted.length > 0) {
      return { is: 'open', qos };
    }
    for (const change of isWill ? [...this.#earlier, ...this.#changes] : this.#changes) {
      const isTouched = change.is === 'filter' ? this.#matches(change.filter, sent.topic) : change.is === 'session';
      if (isTouched || (change.is === 'presence' && lowest === 0 && granted.length > 0)) {
        return { is: 'open', qos };
      }
    }
    if (granted.length === 0) {
      return { is: 'not-due', qos };
    }
    return { is: this.state === 'absent' && qos === 0 ? 'not-due' : 'due', qos, by };
  }

  /** Nothing that is retained is on its way to one of both: it would be lost with the session, at one of them. */
  async calm(): Promise<void> {
    if (this.state === 'asleep') {
      await this.wake();
    }
    await this.#twin.drained();
    await eventually(`what is retained at ${this.clientId}`, () => this.account.isEven);
  }

  /** CONNECT, whatever it was before. A clean one of a sleeper would be a matter of the settings. */
  async connect(clean: boolean, withWill: boolean, seconds?: number): Promise<void> {
    const isNew = clean || this.clean || !this.#hasSession;
    this.#changes.push({ is: isNew ? 'session' : 'presence' });
    this.account.letsGo((_, qos) => isNew || qos === 0);
    this.#tell(`CONNECT ${clean ? 'clean' : 'persistent'}`);
    if (isNew) {
      this.filters.clear();
    }
    this.#wills += 1;
    const message = `will ${this.clientId} ${this.#wills}`;
    const qos = (this.#wills % 3) as Qos;
    this.will = withWill ? { topic: this.#wills % 2 === 0 ? 'a/b' : 'n/a/x', message, qos } : undefined;
    const { will } = this;
    await Promise.all([this.#connectClient(clean, will, { isNew, seconds }), this.#twin.connect(clean)]);
    this.#hasSession = true;
    this.clean = clean;
    this.state = 'active';
    if (!this.filters.has(MARKER)) {
      await this.subscribe(MARKER, 2);
    }
  }

  async subscribe(filter: string, qos: Qos): Promise<void> {
    this.#changes.push({ is: 'filter', filter });
    this.#tell(`SUBSCRIBE ${filter} ${qos}`);
    const hasTwin = !isShared(filter); // else they would be members of one group
    await Promise.all([
      this.#again(() => this.#client.subscribe(filter, qos)),
      hasTwin && this.#twin.subscribe(filter, qos),
    ]);
    this.filters.set(filter, qos);
    if (filter === this.group?.filter) {
      this.group.joins(this.clientId, qos);
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    this.#changes.push({ is: 'filter', filter });
    this.#tell(`UNSUBSCRIBE ${filter}`);
    this.account.letsGo(({ topic }) => this.#matches(filter, topic)); // the gateway drops what waits, a broker need not
    await Promise.all([this.#again(() => this.#client.unsubscribe(filter)), this.#twin.unsubscribe(filter)]);
    this.filters.delete(filter);
  }

  /** DISCONNECT, active or asleep. */
  async disconnect(): Promise<void> {
    this.#leaves();
    this.will = undefined;
    await Promise.all([this.#again(() => this.#client.disconnect()), this.#twin.disconnect()]);
    await this.#client.vanish();
  }

  /** Silence; the gateway finds out. The will, if there is one, is due. */
  async vanish(): Promise<void> {
    this.#leaves();
    this.isMissing = true;
    await Promise.all([this.#client.vanish(), this.#twin.disconnect()]);
  }

  /** Asleep and gone: the same. */
  async vanishAsleep(): Promise<void> {
    await this.#client.sleep(1);
    await this.vanish();
  }

  /** Its twin stays. */
  async sleep(): Promise<void> {
    this.#tell('sleeps');
    await this.#again(() => this.#client.sleep(LONG_SLEEP));
    this.state = 'asleep';
  }

  async wake(): Promise<void> {
    await this.#again(() => this.#client.wake());
  }

  /** A sleeper is active again, with its session. */
  async resume(): Promise<void> {
    this.#tell('resumes');
    await this.#connectClient(false, undefined);
    this.state = 'active';
  }

  /** At another address, with CONNECT: a sleeper. */
  async resumeElsewhere(): Promise<void> {
    await this.#client.move();
    await this.resume();
  }

  publishOf(sent: Sent, retain: boolean): Publish {
    const { topic, payload, qos } = sent;
    return { topic, payload, qos, retain, msgId: this.#client.nextMsgId(), sent: false, released: false };
  }

  async publish(publish: Publish): Promise<void> {
    await this.#again(() => this.#client.publish(publish));
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.vanish(), this.#twin.disconnect()]);
  }

  #leaves(): void {
    this.#tell('leaves');
    this.#changes.push({ is: this.clean ? 'session' : 'presence' });
    this.account.letsGo((_, qos) => this.clean || qos === 0);
    if (this.clean) {
      this.filters.clear();
    }
    this.state = 'absent';
  }

  /** A client that is sent away, after a crash perhaps, connects again and goes on. */
  async #again(ask: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await ask();
        return;
      } catch (error) {
        if (!(error instanceof SentAway)) {
          throw error;
        }
        this.account.remark('it was sent away');
        this.#tell('CONNECT again');
        await this.#connectClient(this.clean, this.will);
      }
    }
  }

  /** A DISCONNECT of before may still be under way, and where the broker is away nobody is let in. */
  async #connectClient(clean: boolean, will: Will | undefined, more: ConnectOptions = {}): Promise<void> {
    for (;;) {
      try {
        await this.#client.connect(clean, will, more);
        return;
      } catch (error) {
        const isBusy = this.#isRough && error instanceof RefusedError && error.returnCode === RETURN_CODE.congestion;
        if (!(error instanceof SentAway || isBusy)) {
          throw error;
        }
        await pause(isBusy ? 200 : 0);
      }
    }
  }

  /** As the broker sees it. */
  #matches(filter: string, topic: string): boolean {
    return !isShared(filter) && matches(this.#prefix + filter, this.#prefix + topic);
  }

  #tell(what: string): void {
    this.history.add(`== ${what}`);
  }
}
