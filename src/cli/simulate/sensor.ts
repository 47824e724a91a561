import { setMaxListeners } from 'node:events';
import { RejectedError } from '../../client/client-error.ts';
import type { MqttSnClientOptions, ReceivedMessage } from '../../client/client-options.ts';
import type { ClientTransport } from '../../client/client-transport.ts';
import { MqttSnClient } from '../../client/mqtt-sn-client.ts';
import { type Qos, RETURN_CODE } from '../../codec/message.ts';
import { aborted, pause } from './pause.ts';
import type { Random } from './random.ts';
import type { Tally } from './tally.ts';

/** The way of one sensor to the gateway, from power-on to power-off. */
export interface SensorRadio {
  readonly transport: ClientTransport;
  /** Goes on from another address; absent where there are no addresses. */
  readonly move?: () => Promise<void>;
}

/** What a sensor is made of. */
export interface SensorParts {
  readonly clientId: string;
  readonly random: Random;
  readonly tally: Tally;
  readonly retry: Pick<MqttSnClientOptions, 'retryInterval' | 'retryCount' | 'keepAlive'>;
  /** Milliseconds on average; undefined: never. */
  readonly reboots: number | undefined;
  readonly nat: number | undefined;
  /** What it subscribes to, each time that it connects. */
  readonly filter: string | undefined;
  /** The session outlives a loss of power. */
  readonly keepsSession: boolean;
  /** A radio with nothing known of it, as after power-on. */
  radio(): SensorRadio;
  received(message: ReceivedMessage): void;
}

/** Tries of a message, over as many connections, until it is given up. */
const MOST_TRIES = 5;
/** Milliseconds until it is tried again: twice as many each time. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** How long a sensor is without power. */
const POWER_OFF = 500;

/** One sensor: it connects, and connects again whenever it is let go; now and then it loses power, or gets another address. */
export class Sensor {
  readonly parts: SensorParts;
  readonly #cut = new AbortController();
  #client: MqttSnClient | undefined;
  #radio: SensorRadio | undefined;
  /** How often it got power. */
  #lives = 0;
  #isSubscribed = false;
  #powered: Promise<void> = Promise.resolve();
  #gone: () => void = () => undefined;

  constructor(parts: SensorParts) {
    this.parts = parts;
    setMaxListeners(0, this.#cut.signal);
  }

  /** Whether the gateway has a session of it that is alive. */
  get hasSession(): boolean {
    return ['active', 'asleep', 'awake'].includes(this.#client?.state ?? 'disconnected');
  }

  /** The client where it is asleep. */
  get sleeping(): MqttSnClient | undefined {
    return this.#client?.state === 'asleep' ? this.#client : undefined;
  }

  /** Whether what it subscribes to has been granted once. */
  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  get isCut(): boolean {
    return this.#cut.signal.aborted;
  }

  /** Whatever it does ends now. */
  cut(): void {
    this.#cut.abort();
    void this.#client?.close();
  }

  /** What happens to it, until the signal. */
  async mishaps(ending: AbortSignal): Promise<void> {
    const { reboots, nat, random, tally } = this.parts;
    const now = async (mean: number | undefined, happen: () => Promise<void>): Promise<void> => {
      while (mean !== undefined && !ending.aborted) {
        await pause(random.untilNext(mean), ending);
        if (!ending.aborted && this.#client !== undefined) {
          await happen();
        }
      }
    };
    await Promise.all([
      now(reboots, async () => {
        tally.reboots += 1;
        this.#lives += 1;
        this.#powered = pause(POWER_OFF, this.#cut.signal);
        await this.#drop();
        await this.#powered;
      }),
      now(nat, async () => {
        tally.moves += 1;
        await this.#radio?.move?.().catch(() => undefined);
      }),
    ]);
  }

  /** A client with a connection; makes one where there is none, for as long as it takes. Undefined where the sensor is cut, or `ending` was first. */
  async session(ending: AbortSignal): Promise<MqttSnClient | undefined> {
    const { tally, clientId, filter } = this.parts;
    for (let wait = FIRST_PAUSE; !this.isCut; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      await this.#powered;
      if (this.#client?.state === 'active') {
        return this.#client;
      }
      const isResuming = this.#client?.state === 'asleep';
      const client = this.#client ?? this.#made();
      try {
        tally.connects += 1;
        await client.connect();
        tally.everConnected.add(clientId);
        if (filter !== undefined && !isResuming) {
          await client.subscribe({ name: filter }, 1);
          this.#isSubscribed = true;
        }
        return client;
      } catch {
        await this.#drop(client);
        if (ending.aborted) {
          return undefined;
        }
        await pause(wait, this.#cut.signal);
      }
    }
    return undefined;
  }

  /** Publishes a reading, over as many connections as it takes, and counts what becomes of it. */
  async deliver(topic: string, payload: Uint8Array, qos: Qos, ending: AbortSignal): Promise<void> {
    const { tally } = this.parts;
    const life = this.#lives;
    const started = performance.now();
    tally.sent += 1;
    for (let tries = 1, wait = FIRST_PAUSE; tries <= MOST_TRIES && !this.isCut; tries += 1, wait *= 2) {
      const client = await this.session(ending);
      if (life !== this.#lives) {
        tally.powerless += 1;
        return;
      }
      try {
        await client?.publish({ name: topic }, payload, { qos });
        if (client !== undefined) {
          if (qos > 0) {
            tally.acknowledge(performance.now() - started);
          }
          return;
        }
      } catch (error) {
        if (life !== this.#lives) {
          tally.powerless += 1;
          return;
        }
        if (error instanceof RejectedError && error.returnCode !== RETURN_CODE.congestion) {
          tally.lost.rejected += 1;
          return;
        }
        await pause(wait, this.#cut.signal);
      }
    }
    tally.lost[this.isCut ? 'unfinished' : 'unanswered'] += 1;
  }

  /** Resolves when the connection is lost, or at the signal. */
  async untilGone(ending: AbortSignal): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#gone = resolve;
    });
    await Promise.race([gone, aborted(ending), aborted(this.#cut.signal)]);
  }

  /** DISCONNECT, and the end of the session where it is one that stays. */
  async leave(): Promise<void> {
    const client = this.#client;
    try {
      if (this.parts.keepsSession && client !== undefined && !this.isCut) {
        await client.connect({ cleanSession: true });
      }
      await client?.disconnect();
    } catch {
      // the gateway will find out by itself
    } finally {
      await client?.close();
    }
  }

  #made(): MqttSnClient {
    const { clientId, retry, keepsSession, radio, received } = this.parts;
    this.#radio = radio();
    const client: MqttSnClient = new MqttSnClient({
      ...{ clientId, ...retry, transport: this.#radio.transport, cleanSession: !keepsSession },
      onMessage: received,
      onDisconnected: () => this.#gone(),
    });
    this.#client = client;
    return client;
  }

  async #drop(client = this.#client): Promise<void> {
    if (client === this.#client) {
      this.#client = undefined;
    }
    await client?.close();
    this.#gone();
  }
}
