import { Random } from '../crash/random.ts';
import { eventually } from '../support/eventually.ts';
import type { Sent } from './account.ts';
import { castOf } from './cast.ts';
import { change, memberChange } from './changes.ts';
import type { Group } from './group.ts';
import { Side } from './side.ts';
import { Site } from './site.ts';
import type { Subject } from './subject.ts';
import { Traffic } from './traffic.ts';
import type { Variant } from './variants.ts';

export interface WorldReport {
  readonly rounds: number;
  readonly published: number;
  readonly delivered: number;
  /** To members of groups. */
  readonly shared: number;
  readonly retained: number;
  /** Copies that came once more where that may be. */
  readonly again: number;
  /** Messages for somebody of which the broker has kept back the copy that was for it. */
  readonly brokersOwn: number;
  readonly wills: number;
  readonly breaks: number;
  readonly differences: readonly string[];
}

export interface WorldOptions {
  readonly variant: Variant;
  readonly seed: number;
  readonly rounds: number;
  readonly clients: number;
}

/** A gateway, its clients and their twins, for some rounds of changes and messages. Everything is gone afterwards. */
export async function runWorld(options: WorldOptions): Promise<WorldReport> {
  const site = await Site.open(options.variant, options.seed);
  const side = await Side.open(site.broker.url, options.variant.prefix ?? '');
  const world = new World(options, site, side);
  try {
    await world.run();
  } finally {
    await world.close();
    await side.close();
    await site.close();
  }
  return world.report(site.complaints);
}

class World {
  readonly #options: WorldOptions;
  readonly #site: Site;
  readonly #side: Side;
  readonly #random: Random;
  readonly #traffic: Traffic;
  readonly #subjects: readonly Subject[];
  readonly #groups: readonly Group[];
  readonly #isRough: boolean;
  /** Wills of clients that have vanished and not yet been missed. */
  #due: Sent[] = [];
  #wills = 0;
  #breaks = 0;
  #rounds = 0;
  readonly #differences: string[] = [];

  constructor(options: WorldOptions, site: Site, side: Side) {
    const { variant, seed, clients } = options;
    this.#options = options;
    this.#site = site;
    this.#side = side;
    this.#random = new Random(seed);
    this.#isRough = variant.breaks.length > 0;
    const sent = new Map<string, Sent>();
    this.#traffic = new Traffic(variant.names, sent);
    const { subjects, groups } = castOf(variant, site, { clients, sent, fork: () => this.#fork() });
    this.#subjects = subjects;
    this.#groups = groups;
  }

  async run(): Promise<void> {
    for (; this.#rounds < this.#options.rounds && this.#differences.length === 0; this.#rounds += 1) {
      await this.#round();
    }
    await this.#bringBack();
  }

  report(complaints: readonly string[]): WorldReport {
    const sum = (of: (subject: Subject) => number): number => this.#subjects.reduce((total, one) => total + of(one), 0);
    return {
      ...{ rounds: this.#rounds, published: this.#traffic.sent.size, wills: this.#wills, breaks: this.#breaks },
      delivered: sum(({ account }) => account.figures.delivered),
      shared: this.#groups.reduce((total, { delivered }) => total + delivered, 0),
      retained: sum(({ account }) => account.figures.retained),
      again: sum(({ account }) => account.figures.again),
      brokersOwn: sum(({ account }) => account.figures.brokersOwn),
      differences: [...complaints, ...this.#differences],
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#subjects.map((subject) => subject.close()));
  }

  /** Changes without messages, messages with a few changes, and what has come of it. */
  async #round(): Promise<void> {
    const random = this.#random;
    if (!this.#isRough && random.chance(0.4)) {
      await this.#traffic.clears(this.#side, random);
      await this.#settle();
    }
    const breaking = this.#break();
    await this.#each(random.chance(0.1) ? 1 : 0.5, (subject, own) => this.#step(subject, own, true));
    if (random.chance(0.3)) {
      await this.#settle();
    }
    for (const subject of this.#subjects) {
      subject.beginsMessages();
    }
    for (const group of this.#groups) {
      group.beginsMessages();
    }
    await Promise.all([
      this.#each(1, (subject, own) => this.#publishes(subject, own)),
      this.#traffic.ofSide(this.#side, this.#fork(), random.between(5, 25)),
    ]);
    await breaking;
    await this.#settle();
  }

  /** Something breaks now and then, somewhere in the round. */
  async #break(): Promise<void> {
    const random = this.#fork();
    for (const what of this.#options.variant.breaks) {
      await new Promise((resolve) => setTimeout(resolve, random.between(0, 400)));
      if (random.chance(0.5)) {
        this.#breaks += 1;
        await this.#site.breaks(what);
      }
    }
  }

  /** A part of the clients, each with chances of its own, so that a seed says what each does whatever the others do. */
  async #each(part: number, act: (subject: Subject, random: Random) => Promise<void>): Promise<void> {
    const chosen = this.#subjects.map((subject) => ({
      subject,
      random: this.#fork(),
      takes: this.#random.chance(part),
    }));
    await Promise.all(
      chosen.map(async ({ subject, random, takes }) => {
        if (takes) {
          await act(subject, random).catch((error: Error) => {
            error.message += `\n${subject.history.text}`;
            throw error;
          });
        }
      }),
    );
  }

  async #step(subject: Subject, random: Random, isQuiet: boolean): Promise<void> {
    const { variant } = this.#options;
    for (let n = random.between(1, 2); n > 0; n -= 1) {
      const { state, isMissing } = subject;
      if (isMissing) {
        return; // a client that comes back in time has no will
      }
      const { names } = variant;
      const isCalm = isQuiet && !this.#isRough;
      const chances = { names, random, mayVanish: isQuiet, isCalm, mayBeClean: !this.#isRough };
      await (subject.group ? memberChange(subject, chances) : change(subject, chances));
      const isGone = state !== 'absent' && subject.state === 'absent';
      if (isGone) {
        this.#missesWill(subject);
        return;
      }
    }
  }

  /** Of a client that has vanished; one that has said DISCONNECT has none. */
  #missesWill({ will }: Subject): void {
    if (will) {
      const { topic, qos, message } = will;
      this.#due.push(this.#traffic.message(message, topic, qos, message));
      this.#wills += 1;
    }
  }

  async #publishes(subject: Subject, random: Random): Promise<void> {
    const isRestless = random.chance(0.2);
    for (let n = random.between(0, 8); n > 0; n -= 1) {
      if (isRestless && random.chance(0.3)) {
        await this.#step(subject, random, false);
      } else if (subject.state === 'active') {
        await this.#traffic.ofSubject(subject, random);
      } else if (subject.state === 'asleep' && random.chance(0.2)) {
        await subject.wake();
      }
    }
  }

  /** Everything that was published is at the broker, and then at all clients that are there. */
  async #settle(): Promise<void> {
    const fresh = this.#traffic.takeFresh();
    const wills = new Set(this.#due.splice(0));
    for (const will of wills) {
      fresh.push({ sent: will, isSafe: will.qos > 0 });
    }
    const safe = fresh.filter(({ isSafe }) => isSafe || !this.#isRough).map(({ sent }) => sent);
    await this.#side.waitFor(safe).catch((error: Error) => {
      const [, clientId] = / ([cm]\d+) /.exec(` ${error.message.replaceAll('"', ' ')}`) ?? [];
      error.message += `\n${this.#subjects.find((subject) => subject.clientId === clientId)?.history.text}`;
      throw error;
    });
    for (const subject of this.#subjects) {
      for (const { sent, isSafe } of fresh) {
        const expectation = subject.expectation(sent, wills.has(sent));
        const { is } = expectation;
        const isSure = isSafe || this.#side.seen(sent) > 0;
        subject.account.expects(sent, { ...expectation, is: is === 'due' && !isSure ? 'as-twin' : is });
      }
      subject.beginsAnew();
    }
    for (const { sent, isSafe } of fresh) {
      for (const group of this.#groups) {
        group.expects(sent, isSafe || this.#side.seen(sent) > 0);
      }
    }
    this.#upwards(fresh.map(({ sent }) => sent));
    await this.#mark();
  }

  /** What went up came to the broker once. */
  #upwards(all: readonly Sent[]): void {
    for (const sent of all) {
      const { payload, qos } = sent;
      const times = this.#side.seen(sent);
      if (times > 1 && !(this.#isRough && qos < 2)) {
        this.#differences.push(`"${payload}" (QoS ${qos}) was ${times} times at the broker`);
      }
    }
  }

  async #mark(): Promise<void> {
    const marker = await this.#traffic.mark(this.#side);
    this.#traffic.takeFresh();
    for (const subject of this.#subjects) {
      subject.account.expects(marker, subject.expectation(marker, false));
    }
    await this.#each(1, async (subject, random) => {
      if (subject.state === 'active' || (subject.state === 'asleep' && random.chance(0.5))) {
        await this.#judge(subject, marker);
      }
    });
  }

  async #judge(subject: Subject, { payload }: Sent): Promise<void> {
    const { account } = subject;
    const isComplete = async (): Promise<boolean> => {
      if (subject.state === 'asleep' && account.has(payload).twin) {
        await subject.wake();
      }
      const { twin, client } = account.has(payload);
      return twin && client && account.missing.length === 0;
    };
    // What is missing for good is told below.
    await eventually(`all messages at ${subject.clientId}`, isComplete).catch(() => undefined);
    const lines = account.judge();
    if (lines.length > 0) {
      this.#differences.push(...lines.map((line) => `${subject.clientId}: ${line}`), subject.history.text);
    }
  }

  /** At the end everybody comes and fetches what there is. */
  async #bringBack(): Promise<void> {
    await this.#each(1, async (subject) => {
      if (subject.state === 'absent' && !subject.clean) {
        await subject.connect(false, false);
      } else if (subject.state === 'asleep') {
        await subject.resume();
      }
    });
    await this.#settle();
    this.#upwards([...this.#traffic.sent.values()]);
    for (const group of this.#groups) {
      await eventually(`all messages at the members of ${group.filter}`, () => group.missing.length === 0).catch(
        () => undefined, // told below
      );
      this.#differences.push(...group.judge());
    }
  }

  #fork(): Random {
    return new Random(this.#random.between(0, 2 ** 31));
  }
}
