import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CoreBench, frame, hex16 } from '../support/core-bench.ts';
import { registered, subscribed } from '../support/core-bench-traffic.ts';

/**
 * Whatever order frames, answers of the broker and losses of its connection come in (design 1.5, 3.3): nothing is acknowledged that the other
 * side has not got, nothing is published twice without DUP, and when all is quiet everything has arrived.
 */
describe('end-to-end acknowledgement, in any order of events (3.3, 3.5)', () => {
  it('client publishes QoS 1: PUBACK only for what the broker has acknowledged', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('publish' as const) },
      { weight: 2, arbitrary: fc.constant('repeat' as const) },
      { weight: 4, arbitrary: fc.constant('ack' as const) },
      { weight: 1, arbitrary: fc.constant('break' as const) },
      { weight: 2, arbitrary: fc.constant('return' as const) },
      { weight: 1, arbitrary: fc.constant('ping' as const) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(15)), { maxLength: 60 }), (steps) => {
        const world = new PublishingWorld();
        for (const [action, choice] of steps) {
          world.act(action, choice);
        }
        world.settle();
        expect([...world.acknowledged].sort((a, b) => a - b)).toEqual(
          Array.from({ length: world.count }, (_unused, index) => index + 1),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('gateway publishes QoS 1: PUBACK only for what the client has acknowledged, each delivered in the broker’s order', () => {
    const step = fc.constantFrom(
      'message',
      'message',
      'acknowledge',
      'acknowledge',
      'break',
      'return',
      'return',
      'ping',
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new DeliveringWorld();
        for (const action of steps) {
          world.act(action);
        }
        world.settle();
        expect(world.delivered).toEqual(Array.from({ length: world.count }, (_unused, index) => index + 1));
        expect(world.unacknowledged.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

/** A persistent client, and a broker that keeps its session, loses connections and accepts them again. */
abstract class World {
  /** Times so long that nobody gives up. */
  readonly bench = new CoreBench({ settings: { upstream: { grace: 10_000_000 }, timing: { retryInterval: 100_000 } } });
  /** Connection of `s` that stands. */
  connection: number | undefined;
  /** Attempt for `s` that has not been answered. */
  attempt: number | undefined;
  count = 0;

  constructor() {
    this.connection = this.bench.connect('s', 's', { clean: false, duration: 60_000 });
  }

  take(lines: readonly string[]): void {
    for (const line of lines) {
      const attempt = /^#(\d+) CONNECT s$/.exec(line)?.[1];
      if (attempt !== undefined) {
        this.attempt = Number(attempt);
      } else if (!line.includes('CONNECT (gateway)')) {
        this.see(line);
      }
    }
  }

  break(): void {
    if (this.connection === undefined) {
      return;
    }
    const connection = this.connection;
    this.take(this.bench.pass(5_001)); // shorter ones look like a client id that was taken over: I-12
    this.connection = undefined;
    this.take(this.bench.down(connection));
  }

  return(): void {
    if (this.connection !== undefined) {
      return;
    }
    while (this.attempt === undefined) {
      this.take(this.bench.pass(1_000));
    }
    this.connection = this.attempt;
    this.attempt = undefined;
    this.take(this.bench.up(this.connection, true));
  }

  abstract see(line: string): void;
}

class PublishingWorld extends World {
  /** Numbers of the messages that the client got PUBACK for. */
  readonly acknowledged = new Set<number>();
  readonly #topicId = registered(this.bench, 'a/b');
  /** Message to packet id, for what the broker has on this connection and has not acknowledged. */
  readonly #open = new Map<number, number>();
  readonly #brokerHas = new Set<number>();
  readonly #acked = new Set<number>();

  act(action: 'publish' | 'repeat' | 'ack' | 'break' | 'return' | 'ping', choice: number): void {
    if (action === 'publish' && this.count - this.acknowledged.size < 16) {
      this.#send(++this.count, '20');
    }
    if (action === 'repeat' && this.count > 0) {
      this.#send(this.count - (choice % Math.min(this.count, 12)), 'a0');
    }
    if (action === 'ack') {
      this.#ack(choice);
    }
    if (action === 'break') {
      this.#open.clear();
      this.break();
    }
    if (action === 'return') {
      this.return();
    }
    if (action === 'ping') {
      expect(this.bench.from('s', '02 16')).toEqual(['s < 0217']);
    }
  }

  settle(): void {
    this.return();
    while (this.#open.size > 0) {
      this.#ack(0);
    }
  }

  see(line: string): void {
    const puback = /^s < 070d....(....)00$/.exec(line)?.[1];
    if (puback !== undefined) {
      expect(this.#acked).toContain(Number.parseInt(puback, 16));
      this.acknowledged.add(Number.parseInt(puback, 16));
      return;
    }
    const [, connection, packetId, text, dup] = /^#(\d+) PUBLISH qos1 id(\d+) a\/b "(\d+)"( dup)?$/.exec(line) ?? [];
    if (text === undefined) {
      throw new Error(`unexpected: ${line}`);
    }
    const number = Number(text);
    expect(Number(connection)).toBe(this.connection);
    expect([...this.#open.values()]).not.toContain(Number(packetId));
    expect([number, dup === ' dup', this.#acked.has(number)]).toEqual([number, this.#brokerHas.has(number), false]);
    this.#brokerHas.add(number);
    this.#open.set(number, Number(packetId));
  }

  #send(number: number, flags: string): void {
    this.take(this.bench.from('s', frame(`0c ${flags} ${this.#topicId} ${hex16(number)}`, `${number}`)));
  }

  #ack(choice: number): void {
    const [number, packetId] = [...this.#open][choice % this.#open.size] ?? [];
    if (number === undefined || packetId === undefined || this.connection === undefined) {
      return;
    }
    this.#open.delete(number);
    this.#acked.add(number);
    this.take(this.bench.acked(this.connection, 'PUBACK', packetId));
    expect(this.acknowledged).toContain(number);
  }
}

class DeliveringWorld extends World {
  /** Messages in the order in which the client got them first. */
  readonly delivered: number[] = [];
  /** What the broker has sent and got no PUBACK for. The packet id is 100 + number. */
  readonly unacknowledged = new Set<number>();
  readonly #clientAcknowledged = new Set<number>();
  /** What the client has not answered yet: MsgId and number. */
  #toAnswer: [string, number] | undefined;

  constructor() {
    super();
    subscribed(this.bench, 'a/b', 1);
  }

  act(action: string): void {
    if (action === 'message' && this.connection !== undefined && this.unacknowledged.size < 20) {
      this.unacknowledged.add(++this.count);
      this.#send(this.count, false);
    }
    if (action === 'acknowledge') {
      this.#answer();
    }
    if (action === 'break') {
      this.break();
    }
    if (action === 'return' && this.connection === undefined) {
      this.return();
      for (const number of [...this.unacknowledged]) {
        this.#send(number, true);
      }
    }
    if (action === 'ping') {
      expect(this.bench.from('s', '02 16')).toEqual(['s < 0217']);
    }
  }

  settle(): void {
    this.act('return');
    while (this.#toAnswer) {
      this.#answer();
    }
  }

  see(line: string): void {
    const [, flags, msgId, hex] = /^s < ..0c(20|a0)0001(....)(.*)$/.exec(line) ?? [];
    if (hex !== undefined && msgId !== undefined) {
      const number = Number(Buffer.from(hex, 'hex').toString());
      expect([number, flags]).toEqual([number, this.delivered.includes(number) ? 'a0' : '20']);
      expect(this.#clientAcknowledged.has(number)).toBe(false); // exactly once, as long as no frame is lost
      if (flags === '20') {
        this.delivered.push(number);
      }
      this.#toAnswer = [msgId, number];
      return;
    }
    const [, connection, packetId] = /^#(\d+) PUBACK id(\d+)$/.exec(line) ?? [];
    if (packetId === undefined) {
      throw new Error(`unexpected: ${line}`);
    }
    expect(Number(connection)).toBe(this.connection);
    expect(this.#clientAcknowledged).toContain(Number(packetId) - 100);
    this.unacknowledged.delete(Number(packetId) - 100);
  }

  #send(number: number, dup: boolean): void {
    if (this.connection === undefined) {
      return;
    }
    this.take(this.bench.message(this.connection, 'a/b', `${number}`, { packetId: 100 + number, qos: 1, dup }));
  }

  #answer(): void {
    if (!this.#toAnswer) {
      return;
    }
    const [msgId, number] = this.#toAnswer;
    this.#toAnswer = undefined;
    this.#clientAcknowledged.add(number);
    this.take(this.bench.from('s', frame(`0d 0001 ${msgId} 00`)));
  }
}
