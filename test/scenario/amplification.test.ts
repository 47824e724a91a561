import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { AccessSettings } from '../../src/core/contract/access-settings.ts';
import { AttackWorld } from '../support/attack-world.ts';
import { type BenchOptions, CoreBench, connectFrame, frame, octets } from '../support/core-bench.ts';

/** Octets that came from an address, and that went there. */
type Measured = readonly [got: number, sent: number];

const HOUR = 3_600_000;
const CLOSED: AccessSettings = { rules: [], default: 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' };

/** What goes to the address x for one datagram, and within an hour behind it. `before`: datagrams that are not counted. */
function measure(
  hex: string,
  { before = [], ...options }: BenchOptions & { readonly before?: readonly string[] } = {},
): Measured {
  const bench = new CoreBench(options);
  for (const datagram of before) {
    bench.from('x', datagram);
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
  }
  const lines = [...bench.from('x', hex), ...accepted(bench), ...bench.pass(before.length > 0 ? 1 : HOUR)];
  return [octets(hex).length, octetsTo(lines)];
}

/** The broker takes the connection that a CONNECT has led to. */
function accepted(bench: CoreBench): string[] {
  return bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
}

function octetsTo(lines: readonly string[]): number {
  const sent = lines.filter((line) => line.startsWith('x < ')).map((line) => octets(line.slice(4)).length);
  return sent.reduce((sum, each) => sum + each, 0);
}

const closed = { settings: { access: CLOSED } };
const client = { before: [connectFrame('x')] };
const withWill = frame('04 0c 01 003c', 'x');

/** Each row of the first table. */
const PLAIN: Readonly<Record<string, () => Measured>> = {
  'CONNECT, refused': () => measure(connectFrame('x'), closed),
  'CONNECT with Will, refused': () => measure(withWill, closed),
  'CONNECT with Will, where anybody may connect, and nothing more': () => measure(withWill),
  'CONNECT, where anybody may connect, and nothing more': () => measure(connectFrame('x')),
  'CONNECT of a protocol that is not spoken': () => measure(frame('04 04 02 003c', 'x')),
  'PINGREQ of nobody': () => measure(frame('16')),
  'PINGREQ with a client id, of nobody': () => measure(frame('16', 'x')),
  'PUBLISH of nobody': () => measure(frame('0c 00 0001 0000', 'x')),
  'PUBLISH with QoS −1': () => measure(frame('0c 62 7470 0000', 'x')),
  'REGISTER of nobody': () => measure(frame('0a 0000 0001', 'x')),
  'SUBSCRIBE of nobody': () => measure(frame('12 00 0001', 'x')),
  'UNSUBSCRIBE of nobody': () => measure(frame('14 00 0001', 'x')),
  'WILLTOPIC, empty, of nobody': () => measure(frame('07')),
  'WILLMSG, empty, of nobody': () => measure(frame('09')),
  'WILLTOPICUPD, empty, of nobody': () => measure(frame('1a')),
  'WILLMSGUPD, empty, of nobody': () => measure(frame('1c')),
  'DISCONNECT of nobody': () => measure(frame('18')),
  'DISCONNECT with Duration, of nobody': () => measure(frame('18 003c')),
  'PUBACK, PUBREC, PUBREL, PUBCOMP or REGACK of nobody': () => {
    const all = ['0d 0001 0001 00', '0f 0001', '10 0001', '0e 0001', '0b 0001 0001 00'].map((hex) =>
      measure(frame(hex)),
    );
    return [all.reduce((sum, [got]) => sum + got, 0), all.reduce((sum, [, sent]) => sum + sent, 0)];
  },
  'PINGREQ of a node behind a forwarder, of nobody': () => measure('04 fe 00 aa 02 16'),
  SEARCHGW: () => measure(frame('01 00')),
  'noise that is no message': () => measure('ff'),
  'PINGREQ with the address of a client': () => measure(frame('16'), client),
  'REGISTER with the address of a client': () => measure(frame('0a 0000 0001', 'x'), client),
  'PUBLISH, QoS 1, unknown topic id, with the address of a client': () => measure(frame('0c 20 0009 0001'), client),
  'SUBSCRIBE, refused, with the address of a client': () => {
    const rules = [
      {
        name: 'r',
        connect: true,
        publish: [],
        subscribe: [],
        deny: [],
        qosMinus1: false,
        retain: false,
        maxQos: 2 as const,
      },
    ];
    return measure(frame('12 20 0001', 'x'), { ...client, settings: { access: { ...CLOSED, rules } } });
  },
};

/** Datagrams of a DTLS client, and everything that goes to its address for them alone. */
const DTLS: Readonly<Record<string, () => Measured>> = {
  'ClientHello, the shortest that is answered': () => ofDtls((hello) => hello),
  'ClientHello of somebody who was known a moment ago, without a cookie': () => {
    const world = new AttackWorld();
    const person = world.dtls('alice', '192.0.2.7:1');
    const [hello = new Uint8Array(0)] = person.sent;
    return answered(world, hello);
  },
  'record of an association that is not there': () => answered(new AttackWorld(), record(23, 24)),
  'noise that is no record': () => answered(new AttackWorld(), new Uint8Array(60).fill(0xff)),
};

/** The shortest ClientHello of RFC 6347 4.2.1: one suite, no extension, no cookie. */
function ofDtls(change: (hello: Uint8Array) => Uint8Array): Measured {
  const body = Buffer.concat([
    Buffer.from('fefd', 'hex'),
    Buffer.alloc(32, 1),
    Buffer.from('0000' + '000200a8' + '0100', 'hex'),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0, 0, body.length, 0, 0, 0, 0, 0, 0, 0, body.length]), body]);
  const header = Buffer.from([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, message.length]);
  return answered(new AttackWorld(), change(Buffer.concat([header, message])));
}

function record(type: number, length: number): Uint8Array {
  return Uint8Array.from([type, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 0, length, ...new Array<number>(length).fill(7)]);
}

function answered(world: AttackWorld, datagram: Uint8Array): Measured {
  const { length } = world.wire;
  world.deliver('192.0.2.9:1', true, datagram);
  world.pass(HOUR);
  const sent = world.wire.slice(length).filter(({ from }) => from === 'gateway');
  return [datagram.length, sent.reduce((sum, each) => sum + each.datagram.length, 0)];
}

/** Rows of the tables in docs/security.md that have numbers: datagram, its octets, octets of the answer, ratio. */
const ROWS = new Map(
  readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      return cells.length === 7 && /^\d+$/.test(cells[2] ?? '') ? [[cells[1] ?? '', cells.slice(2, 6)] as const] : [];
    }),
);

const CASES = { ...PLAIN, ...DTLS };

describe('what an address that was made up may get (docs/security.md)', () => {
  it.each(Object.entries(CASES))('is what the page says: %s', (name, measured) => {
    const [got, sent] = measured();
    const [octetsIn, , octetsOut, ratio] = ROWS.get(name) ?? [];
    expect([octetsIn, octetsOut, ratio]).toEqual([`${got}`, `${sent}`, (sent / got).toFixed(2)]);
  });

  it('has no row that is not measured', () => {
    expect([...ROWS.keys()].sort()).toEqual(Object.keys(CASES).sort());
  });

  it('is no more than came, where whoever sent it has shown nothing, but for two cases that the page names', () => {
    const isAbove = ([, measured]: readonly [string, () => Measured]): boolean => {
      const [got, sent] = measured();
      return sent > got;
    };
    expect(Object.entries(DTLS).filter(isAbove)).toEqual([]);
    expect(
      Object.entries(PLAIN)
        .filter(isAbove)
        .map(([name]) => name),
    ).toEqual([
      'CONNECT with Will, where anybody may connect, and nothing more',
      'SUBSCRIBE, refused, with the address of a client',
    ]);
  });

  it('does not grow with repetitions: of nobody, an address gets one DISCONNECT in T_retry', () => {
    for (const hex of [frame('16'), frame('0c 00 0001 0000', 'x'), frame('07')]) {
      const bench = new CoreBench();
      const lines = Array.from({ length: 50 }, () => bench.from('x', hex)).flat();
      expect(octetsTo(lines)).toBe(2);
    }
  });
});
