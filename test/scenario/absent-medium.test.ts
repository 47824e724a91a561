import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CoreBench, frame, octets, publishLine } from '../support/core-bench.ts';
import { DiskBench } from '../support/core-bench-restart.ts';
import type { PartialSettings } from '../support/settings-with.ts';

const A = 'xbee:a';
const B = 'xbee:b';
const puback = (msgId: number) => frame(`0d 0001 000${msgId} 00`);

/** Clients on a radio, and elsewhere, each with "c/d" as topic id 1, on #1, #2, … */
function onRadio(clients: readonly string[], settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  bench.open('xbee');
  for (const client of clients) {
    bench.subscriber(client);
  }
  return bench;
}

/** Opens the radio; what comes of it at once. */
function reopen(bench: CoreBench): string[] {
  return [...bench.open('xbee'), ...bench.pass(0)];
}

describe('while a transport is closed', () => {
  it('the probes of a client with keep-alive 0 are not counted: it is not lost by a silence that is not its own (T-06, I-25)', () => {
    const bench = new CoreBench({ settings: { timing: { idleProbeAfter: 100_000 } } });
    bench.open('xbee');
    bench.subscriber(A, A, { duration: 0 });
    bench.close('xbee');
    expect(bench.pass(300_000).filter((line) => line !== `${A} < 0216`)).toEqual([]);
    expect(bench.core.sessionCount).toBe(1);
    bench.open('xbee');
    expect(bench.from(A, '02 17')).toEqual([]);
    expect(bench.pass(99_000)).toEqual([]);
  });

  it('nothing new is published to its clients; all of it goes out in order when it is open again', () => {
    const bench = onRadio([A, B]);
    expect(bench.close('xbee')).toEqual([]);
    expect(bench.message(1, 'c/d', '1')).toEqual([]);
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 7 })).toEqual([]);
    expect(bench.message(2, 'c/d', '3', { qos: 2, packetId: 8 })).toEqual([]);
    expect(bench.message(1, 'c/d', '4')).toEqual([]);
    expect(bench.pass(500_000)).toEqual([]);
    expect(reopen(bench)).toEqual([
      publishLine(A, '00', 0, '1'),
      publishLine(A, '20', 1, '2'),
      publishLine(B, '40', 1, '3'),
    ]);
    expect(bench.from(A, puback(1))).toEqual(['#1 PUBACK id7', publishLine(A, '00', 0, '4')]);
  });

  it('no REGISTER either', () => {
    const bench = onRadio([A]);
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    bench.close('xbee');
    expect(bench.message(1, 'g/h', 'w')).toEqual([]);
    expect(bench.pass(500_000)).toEqual([]);
    expect(reopen(bench)).toEqual([`${A} < ${frame('0a 0002 0001', 'g/h')}`]);
    expect(bench.from(A, frame('0b 0002 0001 00'))).toEqual([`${A} < ${frame('0c 00 0002 0000', 'w')}`]);
  });

  it('QoS 0 that waits is bounded: the oldest is dropped, and noted (SL-16)', () => {
    const bench = onRadio([A], { sessions: { sleepBufferMessages: 2 } });
    bench.close('xbee');
    for (const text of ['1', '2']) {
      bench.message(1, 'c/d', text);
      expect(bench.notes).toEqual([]);
    }
    bench.message(1, 'c/d', '3');
    expect(bench.notes).toEqual([
      { type: 'delivery-dropped', clientId: A, link: A, topic: 'c/d', qos: 0, reason: expect.any(String) },
    ]);
    expect(reopen(bench)).toEqual([publishLine(A, '00', 0, '2'), publishLine(A, '00', 0, '3')]);
  });

  it('what comes from the broker behind the PUBACK of a client that is heard in spite of it waits as well', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    bench.close('xbee');
    expect(bench.from(A, puback(1))).toEqual(['#1 PUBACK id7']);
    expect(bench.pass(60_000)).toEqual([]);
    expect(reopen(bench)).toEqual([publishLine(A, '20', 2, '2')]);
  });

  it('other transports are not touched: publishes, repetitions, giving up', () => {
    const bench = onRadio([A, 's']);
    bench.close('xbee');
    expect(bench.message(2, 'c/d', '1')).toEqual([publishLine('s', '00', 0, '1')]);
    expect(bench.message(2, 'c/d', '2', { qos: 1, packetId: 7 })).toEqual([publishLine('s', '20', 1, '2')]);
    expect(bench.pass(10_000)).toEqual([publishLine('s', 'a0', 1, '2')]);
    expect(bench.pass(29_999)).toEqual([publishLine('s', 'a0', 1, '2'), publishLine('s', 'a0', 1, '2')]);
    expect(bench.pass(1)).toEqual(['#2 close without DISCONNECT']);
  });

  it('closed twice is closed, opened twice is open', () => {
    const bench = onRadio([A]);
    expect([...bench.close('xbee'), ...bench.close('xbee')]).toEqual([]);
    expect(bench.message(1, 'c/d', '1')).toEqual([]);
    expect([...reopen(bench), ...reopen(bench)]).toEqual([publishLine(A, '00', 0, '1')]);
    expect(bench.message(1, 'c/d', '2')).toEqual([publishLine(A, '00', 0, '2')]);
  });

  it('a transport that nobody knows may be closed', () => {
    const bench = onRadio([A]);
    expect(bench.close('serial')).toEqual([]);
    expect(bench.message(1, 'c/d', '1')).toEqual([publishLine(A, '00', 0, '1')]);
  });
});

describe('what is outstanding when a transport is closed (I-25)', () => {
  it.each([
    [1, '20', 'a0'],
    [2, '40', 'c0'],
  ] as const)(
    'PUBLISH QoS %d is neither repeated nor given up; overdue, it is sent at once with DUP and its MsgId',
    (qos, flags, dup) => {
      const bench = onRadio([A]);
      expect(bench.message(1, 'c/d', 'm', { qos, packetId: 7 })).toEqual([publishLine(A, flags, 1, 'm')]);
      bench.pass(5_000);
      bench.close('xbee');
      expect(bench.pass(900_000)).toEqual([]);
      expect(bench.notes).toEqual([]);
      expect(reopen(bench)).toEqual([publishLine(A, dup, 1, 'm')]);
    },
  );

  it('REGISTER', () => {
    const bench = onRadio([A]);
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    const register = `${A} < ${frame('0a 0002 0001', 'g/h')}`;
    expect(bench.message(1, 'g/h', 'w')).toEqual([register]);
    bench.close('xbee');
    expect(bench.pass(900_000)).toEqual([]);
    expect(reopen(bench)).toEqual([register]);
    expect(bench.from(A, frame('0b 0002 0001 00'))).toEqual([`${A} < ${frame('0c 00 0002 0000', 'w')}`]);
  });

  it('PUBREL', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 7 });
    bench.from(A, '04 0F 00 01');
    expect(bench.released(1, 7)).toEqual([`${A} < 04100001`]);
    bench.close('xbee');
    expect(bench.pass(900_000)).toEqual([]);
    expect(reopen(bench)).toEqual([`${A} < 04100001`]);
    expect(bench.from(A, '04 0E 00 01')).toEqual(['#1 PUBCOMP id7']);
  });

  it('not yet overdue when it opens again, it is repeated at its own time', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(2_000);
    bench.close('xbee');
    bench.pass(3_000);
    expect(reopen(bench)).toEqual([]);
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([publishLine(A, 'a0', 1, 'm')]);
  });

  it('the time of absence costs no repetition: N_retry counts silence on an open transport', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    expect(bench.pass(15_000)).toEqual([publishLine(A, 'a0', 1, 'm')]);
    bench.close('xbee');
    expect(bench.pass(100_000)).toEqual([]);
    expect(reopen(bench)).toEqual([publishLine(A, 'a0', 1, 'm')]);
    for (let attempt = 2; attempt <= 3; attempt++) {
      expect(bench.pass(9_999)).toEqual([]);
      expect(bench.pass(1)).toEqual([publishLine(A, 'a0', 1, 'm')]);
      expect(bench.notes).toEqual([{ type: 'retransmitted', clientId: A, link: A, message: 'PUBLISH', attempt }]);
    }
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a transport that is closed when the last repetition is over makes nobody lost', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    expect(bench.pass(39_999)).toHaveLength(3);
    bench.close('xbee');
    expect(bench.pass(500_000)).toEqual([]);
    expect(bench.core.sessionCount).toBe(1);
    expect(reopen(bench)).toEqual([publishLine(A, 'a0', 1, 'm')]);
    expect(bench.from(A, puback(1))).toEqual(['#1 PUBACK id7']);
  });

  it('closed and opened within one T_retry again and again: the client is given up after N_retry all the same', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    const lines: string[] = [];
    for (let round = 0; round < 40; round++) {
      bench.close('xbee');
      lines.push(...bench.pass(500), ...reopen(bench), ...bench.pass(1_500));
    }
    expect(lines).toEqual([...Array<string>(3).fill(publishLine(A, 'a0', 1, 'm')), '#1 close without DISCONNECT']);
  });

  it('acknowledged by a client that is heard in spite of it, it is done', () => {
    const bench = onRadio([A]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.close('xbee');
    bench.pass(15_000);
    expect(bench.from(A, puback(1))).toEqual(['#1 PUBACK id7']);
    expect(reopen(bench)).toEqual([]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('sessions go on with no CONNECT', () => {
    const bench = onRadio([A]);
    bench.close('xbee');
    bench.pass(900_000);
    expect(reopen(bench)).toEqual([]);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0217`]);
    expect(bench.from(A, frame('0c 00 0001 0000', 'p'))).toEqual(['#1 PUBLISH qos0 c/d "p"']);
    expect(bench.message(1, 'c/d', '1')).toEqual([publishLine(A, '00', 0, '1')]);
  });
});

describe('keep-alive goes on while a transport is closed (I-25, K-3)', () => {
  it('a client is lost by its keep-alive, will and all', () => {
    const bench = onRadio([]);
    bench.from(A, frame('04 08 01 003c', 'a'));
    bench.from(A, frame('07 00', 'w'));
    bench.from(A, frame('09', 'off'));
    bench.up(1);
    bench.close('xbee');
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.notes).toContainEqual({
      type: 'client-lost',
      clientId: 'a',
      link: A,
      reason: expect.any(String),
      will: true,
    });
    expect(reopen(bench)).toEqual([]);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0218`]);
  });

  it('with a message outstanding as well', () => {
    const bench = onRadio([]);
    bench.subscriber(A, A, { duration: 60 });
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.close('xbee');
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
    expect(reopen(bench)).toEqual([]);
  });

  it('a sleeper is supervised as ever (SL-3)', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', 'm');
    bench.close('xbee');
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a sleeper that comes back in time finds its messages', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    bench.close('xbee');
    bench.message(1, 'c/d', 'm');
    expect(bench.pass(200_000)).toEqual([]);
    expect(reopen(bench)).toEqual([]);
    expect(bench.pass(100_000)).toEqual([]);
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, '00', 0, 'm'), `${A} < 0217`]);
  });
});

describe('a client that is awake when its transport is closed (T-r7)', () => {
  it('sleeps again at the next T_retry, without PINGRESP; its message comes first at the next PINGREQ, with DUP', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.message(1, 'c/d', '2');
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, '20', 1, '1')]);
    bench.pass(4_000);
    bench.close('xbee');
    expect(bench.pass(6_000)).toEqual([]);
    expect(reopen(bench)).toEqual([]);
    expect(bench.pass(100_000)).toEqual([]);
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, 'a0', 1, '1')]);
    expect(bench.from(A, puback(1))).toEqual(['#1 PUBACK id7', publishLine(A, '00', 0, '2'), `${A} < 0217`]);
  });

  it('opened before T_retry is over, the awake period goes on', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.from(A, frame('16', A));
    bench.pass(2_000);
    bench.close('xbee');
    bench.pass(2_000);
    expect(reopen(bench)).toEqual([]);
    expect(bench.from(A, puback(1))).toEqual(['#1 PUBACK id7', `${A} < 0217`]);
  });

  it('also with nothing outstanding, its messages waiting for a slow medium', () => {
    const bench = new CoreBench();
    const speed = { octetsPerSecond: 100, overhead: 3 };
    bench.open('xbee', { speed });
    bench.subscriber(A);
    bench.from(A, '04 18 01 2C');
    for (const text of ['1', '2', '3', '4', '5']) {
      bench.message(1, 'c/d', text);
    }
    bench.pass(10_000);
    expect(bench.from(A, frame('16', A))).toHaveLength(3);
    bench.close('xbee');
    expect(bench.pass(10_500)).toEqual([]);
    expect([...bench.open('xbee', { speed }), ...bench.pass(20_000)]).toEqual([]);
    expect(bench.from(A, frame('16', A))).toEqual([
      publishLine(A, '00', 0, '4'),
      publishLine(A, '00', 0, '5'),
      `${A} < 0217`,
    ]);
  });

  it('the sleep is supervised from the last that was heard (SL-3)', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.pass(100_000);
    bench.from(A, frame('16', A));
    bench.close('xbee');
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });
});

describe('a transport that was never open (after a restart)', () => {
  /** The gateway was killed and is back, with A known on a radio that is not there; A's connection stands. */
  function restartedWithoutRadio(): { readonly bench: DiskBench; readonly connection: number } {
    const killed = new DiskBench();
    killed.open('xbee');
    killed.subscriber(A);
    const bench = new DiskBench({}, killed.disk);
    bench.close('xbee'); // the port is not there
    bench.feed({ type: 'sessions-restored', records: [...structuredClone(killed.disk).values()] });
    bench.up(bench.connectionOf(A), true);
    return { bench, connection: bench.connectionOf(A) };
  }

  it('nothing is published to its clients until it is opened', () => {
    const { bench, connection } = restartedWithoutRadio();
    expect(bench.message(connection, 'c/d', '1')).toEqual([]);
    expect(bench.message(connection, 'c/d', '2', { qos: 1, packetId: 7 })).toEqual([]);
    expect(bench.pass(500_000)).toEqual([]);
    expect(reopen(bench)).toEqual([publishLine(A, '00', 0, '1'), publishLine(A, '20', 1, '2')]);
  });

  it('its clients are supervised: keep-alive starts anew with the gateway (I-21)', () => {
    const { bench, connection } = restartedWithoutRadio();
    expect(bench.pass(1_099_999)).toEqual([]);
    expect(bench.pass(2)).toEqual([`#${connection} close without DISCONNECT`]);
  });
});

/** 8 octets of PUBLISH, the three more of a number, and 3 of the medium take 130 ms. */
const speed = { octetsPerSecond: 100, overhead: 3 };

type Happening =
  | { readonly what: 'message'; readonly client: number; readonly qos: 0 | 1 | 2 }
  | { readonly what: 'time'; readonly milliseconds: number }
  | { readonly what: 'absence'; readonly milliseconds: number };

/**
 * Four clients that answer everything at once, on a slow radio that loses what is on its way when it goes away, and a broker. Throws where
 * anything is handed to a radio that is away, or a client is given up.
 */
class RadioWorld {
  readonly bench = new CoreBench();
  /** By client: what it was sent, what it got, and what the broker was told is done. */
  readonly sent: { readonly text: string; readonly qos: number; readonly packetId: number }[][] = [[], [], [], []];
  readonly got: string[][] = [[], [], [], []];
  readonly done: number[][] = [[], [], [], []];
  #open = true;
  #messages = 100;
  #carried = 0;
  readonly #onItsWay: { readonly at: number; readonly client: number; readonly frame: Buffer }[] = [];
  readonly #lastMsgId = [0, 0, 0, 0];
  readonly #received = this.got.map(() => new Set<number>());

  constructor() {
    this.bench.open('xbee', { speed });
    for (const client of this.got.keys()) {
      this.bench.subscriber(`xbee:${client}`, `c${client}`, { duration: 65_535 });
    }
    this.bench.pass(10_000);
  }

  happens(happening: Happening): void {
    if (happening.what === 'time') {
      this.#pass(happening.milliseconds);
    } else if (happening.what === 'message') {
      this.#brokerSends(happening.client, happening.qos);
    } else {
      this.#perform(this.bench.close('xbee'));
      this.#open = false;
      this.#onItsWay.length = 0;
      this.#carried = 0;
      this.#pass(happening.milliseconds);
      this.#open = true;
      this.#perform(this.bench.open('xbee', { speed }));
      this.#pass(2_500);
    }
  }

  #brokerSends(client: number, qos: 0 | 1 | 2): void {
    const text = String(this.#messages++);
    const packetId = qos === 0 ? 0 : this.#messages;
    this.sent[client]?.push({ text, qos, packetId });
    this.#perform(this.bench.message(client + 1, 'c/d', text, { qos, packetId }));
  }

  #pass(milliseconds: number): void {
    const end = this.bench.now + milliseconds;
    while (this.bench.now < end) {
      const next = Math.min(end, this.bench.core.nextDeadline ?? end, this.#onItsWay[0]?.at ?? end);
      this.#perform(this.bench.pass(Math.max(0, next - this.bench.now)));
      while ((this.#onItsWay[0]?.at ?? end + 1) <= this.bench.now) {
        const arrived = this.#onItsWay.shift();
        if (arrived) {
          this.#clientGets(arrived.client, arrived.frame);
        }
      }
    }
  }

  #perform(lines: readonly string[]): void {
    for (const line of lines) {
      const [, client, hex] = /^xbee:(\d) < (.*)$/.exec(line) ?? [];
      const [, connection, packet, id] = /^#(\d) (PUBACK|PUBREC|PUBCOMP) id(\d+)$/.exec(line) ?? [];
      if (hex !== undefined && this.#open) {
        const frame = octets(hex);
        this.#carried = Math.max(this.#carried, this.bench.now) + (frame.length + speed.overhead) * 10;
        this.#onItsWay.push({ at: this.#carried, client: Number(client), frame });
      } else if (packet === 'PUBREC') {
        this.#perform(this.bench.released(Number(connection), Number(id)));
      } else if (packet !== undefined) {
        this.done[Number(connection) - 1]?.push(Number(id));
      } else {
        throw new Error(line);
      }
    }
  }

  #clientGets(client: number, frame: Buffer): void {
    const answer = (hex: string) => this.#perform(this.bench.from(`xbee:${client}`, hex));
    const type = frame[1];
    if (type === 0x10) {
      this.#received[client]?.delete(frame.readUInt16BE(2));
      answer(`04 0e ${frame.toString('hex', 2, 4)}`);
      return;
    }
    if (type !== 0x0c) {
      throw new Error(`the client got ${frame.toString('hex')}`);
    }
    const qos = ((frame[2] ?? 0) >> 5) & 3;
    const dup = frame.readUInt8(2) >= 0x80;
    const msgId = frame.readUInt16BE(5);
    const known =
      qos === 2 ? this.#received[client]?.has(msgId) : qos === 1 && dup && this.#lastMsgId[client] === msgId;
    if (!known) {
      this.got[client]?.push(frame.toString('latin1', 7));
    }
    if (qos > 0) {
      this.#lastMsgId[client] = msgId;
    }
    if (qos === 1) {
      answer(`07 0d 0001 ${frame.toString('hex', 5, 7)} 00`);
    }
    if (qos === 2) {
      this.#received[client]?.add(msgId);
      answer(`04 0f ${frame.toString('hex', 5, 7)}`);
    }
  }
}

describe('any messages, on a slow radio that comes and goes', () => {
  const message = fc.record({
    what: fc.constant('message' as const),
    client: fc.nat(3),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  });
  const time = fc.record({ what: fc.constant('time' as const), milliseconds: fc.nat(3_000) });
  const absence = fc.record({ what: fc.constant('absence' as const), milliseconds: fc.nat(30_000) });

  /** What a client got of these, and what the broker was told of them. */
  function expectDelivered(world: RadioWorld, all: boolean): void {
    for (const [client, sent] of world.sent.entries()) {
      const certain = sent.filter(({ qos }) => all || qos > 0);
      const texts = new Set(certain.map(({ text }) => text));
      const got = world.got[client] ?? [];
      expect(got.filter((text) => texts.has(text))).toEqual(certain.map(({ text }) => text));
      expect(got).toEqual([...new Set(got)].sort());
      expect(world.done[client]).toEqual(sent.filter(({ qos }) => qos > 0).map(({ packetId }) => packetId));
    }
  }

  it('QoS 1 and 2 arrive exactly once and in order, QoS 0 in order, and nobody is given up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 6, arbitrary: message }, { weight: 3, arbitrary: time }, absence), {
          maxLength: 60,
          size: 'max',
        }),
        (story) => {
          const world = new RadioWorld();
          for (const happening of story) {
            world.happens(happening);
          }
          world.happens({ what: 'time', milliseconds: 120_000 });
          expectDelivered(world, false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('on one that stays, QoS 0 is not lost either', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: message }, time), { maxLength: 100, size: 'max' }),
        (story) => {
          const world = new RadioWorld();
          for (const happening of story) {
            world.happens(happening);
          }
          world.happens({ what: 'time', milliseconds: 60_000 });
          expectDelivered(world, true);
        },
      ),
      { numRuns: 40 },
    );
  });
});
