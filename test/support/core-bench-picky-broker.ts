/**
 * A broker behind the bench that closes a connection on what it does not like, without a word, as MQTT 3.1.1 has it. It is 10 ms away: what is
 * written behind such a packet before the end of the connection is known is lost.
 */
import type { CoreBench } from './core-bench.ts';

const AWAY = 10;

/** What a PUBLISH is judged by. */
export interface Seen {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

export class PickyBroker {
  /** What has arrived, in order. */
  readonly arrived: Seen[] = [];
  /** How often a connection was closed on something. */
  closed = 0;
  /** Lines that are no business of the broker. */
  readonly others: string[] = [];
  #isPoison: (publish: Seen, client: string) => boolean;
  readonly #bench: CoreBench;
  /** Client id of each connection that stands; `(gateway)`: the own one. */
  readonly #standing = new Map<number, string>();
  #under: { readonly at: number; readonly run: () => string[] }[] = [];

  /** The bench must not answer pings itself. */
  constructor(bench: CoreBench, isPoison: (publish: Seen, client: string) => boolean) {
    this.#bench = bench;
    this.#isPoison = isPoison;
  }

  /** From now on something else is poison. */
  likes(isPoison: (publish: Seen, client: string) => boolean): void {
    this.#isPoison = isPoison;
  }

  /** Takes what the bench wanted. */
  take(lines: readonly string[]): void {
    for (const line of lines) {
      const [, connection = '', what = ''] = /^#(\d+) (.*)$/.exec(line) ?? [];
      if (what === '') {
        this.others.push(line);
      } else {
        this.#later(() => this.#hear(Number(connection), what));
      }
    }
  }

  /** Lets time pass. */
  pass(milliseconds: number): void {
    const end = this.#bench.now + milliseconds;
    while (this.#bench.now < end) {
      const step = Math.min(AWAY / 2, end - this.#bench.now);
      this.take(this.#bench.pass(step));
      const due = this.#under.filter(({ at }) => at <= this.#bench.now);
      this.#under = this.#under.filter(({ at }) => at > this.#bench.now);
      for (const { run } of due) {
        this.take(run());
      }
    }
  }

  /** The broker starts again: every connection breaks, and what is on its way is lost. */
  restart(): void {
    this.#under = [];
    for (const connection of [...this.#standing.keys()]) {
      this.#standing.delete(connection);
      this.take(this.#bench.down(connection));
    }
  }

  #later(run: () => string[]): void {
    this.#under.push({ at: this.#bench.now + AWAY, run });
  }

  #hear(connection: number, what: string): string[] {
    const connect = /^CONNECT (\S+)/.exec(what)?.[1];
    if (connect !== undefined) {
      this.#standing.set(connection, connect);
      return this.#bench.up(connection, false);
    }
    const client = this.#standing.get(connection);
    if (client === undefined) {
      return [];
    }
    if (what === 'PINGREQ') {
      return this.#bench.feed({ type: 'upstream-ponged', connection });
    }
    const release = /^PUBREL id(\d+)$/.exec(what)?.[1];
    if (release !== undefined) {
      return this.#bench.acked(connection, 'PUBCOMP', Number(release));
    }
    const [, qos, packetId, topic = '', text = '', marks = ''] =
      /^PUBLISH qos(\d)(?: id(\d+))? (\S+) "([^"]*)"(.*)$/.exec(what) ?? [];
    if (qos === undefined) {
      return [];
    }
    const seen = { topic, text, retain: marks.includes('retain') };
    if (this.#isPoison(seen, client)) {
      this.closed++;
      this.#standing.delete(connection);
      return this.#bench.down(connection);
    }
    this.arrived.push(seen);
    return qos === '0' ? [] : this.#bench.acked(connection, qos === '1' ? 'PUBACK' : 'PUBREC', Number(packetId));
  }
}
