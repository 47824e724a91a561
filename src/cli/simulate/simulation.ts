import { setMaxListeners } from 'node:events';
import type { MqttSnClientOptions } from '../../client/client-options.ts';
import { command, fetched, listen, publish, type Readings, sleepAndWake } from './behaviours.ts';
import { FlakyTransport, type RadioFaults } from './flaky-transport.ts';
import { aborted, pause } from './pause.ts';
import { Random } from './random.ts';
import { Sensor, type SensorRadio } from './sensor.ts';
import { Tally } from './tally.ts';

/** Sensors that are alike. */
export interface SensorGroup {
  readonly kind: 'publisher' | 'sleeper' | 'subscriber';
  readonly count: number;
  /** With `%c` for the client id. */
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  /** Octets. */
  readonly payload: number;
  /** Milliseconds. */
  readonly interval: number;
  /** Seconds; what DISCONNECT says. */
  readonly sleep: number;
  readonly faults: RadioFaults;
  readonly reboots: number | undefined;
  readonly nat: number | undefined;
}

export interface SimulationPlan {
  readonly groups: readonly SensorGroup[];
  /** Milliseconds until all take leave. */
  readonly duration: number;
  /** Readings of each publisher and sleeper; infinite: until the end. */
  readonly messages: number;
  /** Milliseconds until all have begun. */
  readonly ramp: number;
  readonly idPrefix: string;
  readonly seed: number;
  readonly retry: Required<Pick<MqttSnClientOptions, 'retryInterval' | 'retryCount' | 'keepAlive'>>;
  /** A way to the gateway for sensor `number`, from 0; `disturbed` is put between the radio and what it carries. */
  radio(number: number, disturbed: (medium: SensorRadio['transport']) => SensorRadio['transport']): SensorRadio;
}

/** How long what is under way at the end may take, in milliseconds, at most. */
const LONGEST_GRACE = 60_000;
/** How long subscribers stay behind the last message. */
const SETTLE = 250;
/** Commands that a sleeper remembers, to know them when they come again. */
const MOST_REMEMBERED = 1_000;

interface Member {
  readonly sensor: Sensor;
  readonly group: SensorGroup;
  readonly commands: { readonly topic: string; readonly isSubscribed: boolean } | undefined;
}

/** Many sensors at one gateway, for a while. */
export class Simulation {
  readonly tally = new Tally();
  readonly #plan: SimulationPlan;
  readonly #random: Random;
  readonly #members: Member[] = [];

  constructor(plan: SimulationPlan) {
    this.#plan = plan;
    this.#random = new Random(plan.seed);
    for (const group of plan.groups) {
      for (let number = 0; number < group.count; number += 1) {
        this.#members.push(this.#member(group, this.#members.length));
      }
    }
  }

  get sensors(): number {
    return this.#members.length;
  }

  /** Counts who has a session at the moment. */
  look(): Tally {
    this.tally.connected = this.#members.filter(({ sensor }) => sensor.hasSession).length;
    return this.tally;
  }

  /** Resolves when all have taken leave: behind the last message, the duration, or the signal. What is not done by then has a while yet. */
  async run(stop: AbortSignal): Promise<void> {
    const { duration, retry, ramp, seed } = this.#plan;
    const ending = new AbortController();
    setMaxListeners(0, ending.signal); // each sensor waits for it
    const end = (): void => ending.abort();
    stop.addEventListener('abort', end);
    if (stop.aborted) {
      end();
    }
    const timer = setTimeout(end, duration);
    const commander = this.#commander(new Random(seed + 1));
    const mishaps = this.#members.map(({ sensor }) => sensor.mishaps(ending.signal));
    const talking: Promise<void>[] = [];
    const listening: Promise<void>[] = [];
    for (const [at, member] of this.#members.entries()) {
      const late = this.#members.length > 1 ? (at * ramp) / (this.#members.length - 1) : 0;
      const living = pause(late, ending.signal).then(() => this.#live(member, ending.signal));
      (member.group.kind === 'subscriber' ? listening : talking).push(living);
    }
    try {
      const saidAll =
        talking.length > 0
          ? Promise.all(talking).then(() => pause(listening.length > 0 ? SETTLE : 0, ending.signal))
          : aborted(ending.signal);
      const commands = this.#command(commander, ending.signal);
      await Promise.race([saidAll, aborted(ending.signal)]);
      end();
      const cut = setTimeout(
        () => this.#cut(commander),
        Math.min(LONGEST_GRACE, retry.retryInterval * (retry.retryCount + 1) + 1_000),
      );
      await Promise.all([...talking, ...listening, ...mishaps, commands]);
      await this.#takeLeave(commander, ending.signal);
      clearTimeout(cut);
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
    }
  }

  #member(group: SensorGroup, number: number): Member {
    const { idPrefix, radio, retry } = this.#plan;
    const { tally } = this;
    const clientId = `${idPrefix}${number + 1}`;
    const random = this.#random.fork();
    const remembered = new Set<string>();
    const commandTopic = `${named(group.topic, clientId)}/cmd`;
    const filter = filterOf(group, commandTopic);
    const sensor = new Sensor({
      ...{ clientId, random, tally, retry, filter },
      ...{ reboots: group.reboots, nat: group.nat, keepsSession: group.kind === 'sleeper' },
      radio: () => radio(number, (medium) => new FlakyTransport(medium, group.faults, random)),
      received: ({ data }) => {
        if (group.kind === 'subscriber') {
          tally.received += 1;
          return;
        }
        const text = Buffer.from(data).toString('latin1');
        if (!remembered.has(text)) {
          remembered.add(text);
          tally.delivered += 1;
          const [oldest] = remembered.size > MOST_REMEMBERED ? remembered : [];
          remembered.delete(oldest ?? '');
        }
      },
    });
    const commands = {
      topic: commandTopic,
      get isSubscribed(): boolean {
        return sensor.isSubscribed;
      },
    };
    return { sensor, group, commands: group.kind === 'sleeper' ? commands : undefined };
  }

  /** Sends commands to sleepers; its radio is perfect. */
  #commander(random: Random): Sensor | undefined {
    const { idPrefix, radio, retry } = this.#plan;
    if (!this.#members.some(({ commands }) => commands !== undefined)) {
      return undefined;
    }
    return new Sensor({
      ...{ clientId: `${idPrefix}commander`, random, retry, filter: undefined, keepsSession: false },
      ...{ tally: new Tally(), reboots: undefined, nat: undefined },
      radio: () => radio(this.#members.length, (medium) => medium),
      received: () => undefined,
    });
  }

  async #command(commander: Sensor | undefined, ending: AbortSignal): Promise<void> {
    const sleepers = this.#members.filter(({ commands }) => commands !== undefined);
    if (commander !== undefined) {
      const interval = Math.min(...sleepers.map(({ group }) => group.interval)) / Math.max(sleepers.length, 1);
      await command(
        commander,
        sleepers.flatMap(({ commands }) => (commands === undefined ? [] : [commands])),
        interval,
        this.tally,
        ending,
      );
    }
  }

  #live({ sensor, group }: Member, ending: AbortSignal): Promise<void> {
    const { qos, payload, interval, sleep } = group;
    const readings: Readings = {
      ...{ qos, payload, interval, count: this.#plan.messages },
      topic: named(group.topic, sensor.parts.clientId),
    };
    switch (group.kind) {
      case 'publisher':
        return publish(sensor, readings, ending);
      case 'sleeper':
        return sleepAndWake(sensor, readings, sleep, ending);
      case 'subscriber':
        return listen(sensor, ending);
    }
  }

  /** Sleepers fetch what has come last: twice, for the broker may be as late as the last command. */
  async #takeLeave(commander: Sensor | undefined, ending: AbortSignal): Promise<void> {
    await Promise.all(
      this.#members.map(async ({ sensor, commands }) => {
        if (commands !== undefined) {
          await fetched(sensor, ending);
          await fetched(sensor, ending);
        }
        await sensor.leave();
      }),
    );
    await commander?.leave();
  }

  #cut(commander: Sensor | undefined): void {
    for (const { sensor } of this.#members) {
      sensor.cut();
    }
    commander?.cut();
  }
}

function named(topic: string, clientId: string): string {
  return topic.replaceAll('%c', clientId);
}

/** A subscriber gets what all the others of its topic say; a sleeper gets its commands. */
function filterOf({ kind, topic }: SensorGroup, commandTopic: string): string | undefined {
  switch (kind) {
    case 'subscriber':
      return topic
        .split('/')
        .map((level) => (level.includes('%c') ? '+' : level))
        .join('/');
    case 'sleeper':
      return commandTopic;
    default:
      return undefined;
  }
}
