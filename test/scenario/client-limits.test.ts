import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame, hex16 } from '../support/core-bench.ts';

interface Limits {
  readonly maxSubscriptions?: number;
  readonly maxNameOctets?: number;
  readonly maxTopics?: number;
}

function connected(clients: Limits, clean = true): CoreBench {
  const bench = new CoreBench({ settings: { clients } });
  bench.connect('s', 's1', { clean, duration: 0 });
  return bench;
}

let msgId = 0;

/** SUBSCRIBE, which the broker grants; the return code that the client gets. */
function subscribe(bench: CoreBench, filter: string): string {
  const [line = ''] = bench.from('s', frame(`12 20 ${hex16(++msgId)}`, filter));
  const packetId = /SUBSCRIBE id(\d+)/.exec(line)?.[1];
  const answer = packetId === undefined ? line : bench.suback(1, Number(packetId), 1)[0];
  return answer?.slice(-2) ?? '';
}

/** REGISTER; the return code. */
function register(bench: CoreBench, name: string): string {
  return bench.from('s', frame(`0a 0000 ${hex16(++msgId)}`, name))[0]?.slice(-2) ?? '';
}

function unsubscribe(bench: CoreBench, filter: string): void {
  const [line = ''] = bench.from('s', frame(`14 00 ${hex16(++msgId)}`, filter));
  bench.unsuback(1, Number(/UNSUBSCRIBE id(\d+)/.exec(line)?.[1]));
}

describe('how much one client may subscribe (I-48)', () => {
  it('so many filters, then congestion, and nothing of it reaches the broker (N-1)', () => {
    const bench = connected({ maxSubscriptions: 3 });
    expect(['a/#', 'b/#', 'c/#'].map((filter) => subscribe(bench, filter))).toEqual(['00', '00', '00']);
    expect(bench.from('s', frame('12 20 0f01', 'd/#'))).toEqual(['s < 0813000000' + '0f0101']);
    expect(bench.notes).toMatchObject([
      { type: 'request-rejected', reason: 'it has too many subscriptions (clients.maxSubscriptions: 3)' },
    ]);
  });

  it('256 by default', () => {
    const bench = connected({});
    const codes = Array.from({ length: 300 }, (_, i) => subscribe(bench, `n/${i}/#`));
    expect(codes.filter((code) => code === '00')).toHaveLength(256);
    expect(codes.slice(256)).toEqual(Array.from({ length: 44 }, () => '01'));
  });

  it('a filter that it has already may be subscribed again, with another QoS (U-12)', () => {
    const bench = connected({ maxSubscriptions: 1 });
    expect([subscribe(bench, 'a/#'), subscribe(bench, 'a/#'), subscribe(bench, 'b/#')]).toEqual(['00', '00', '01']);
  });

  it('UNSUBSCRIBE makes room', () => {
    const bench = connected({ maxSubscriptions: 1 });
    subscribe(bench, 'a/#');
    unsubscribe(bench, 'a/#');
    expect(subscribe(bench, 'b/#')).toBe('00');
  });

  it('those that wait for the broker count', () => {
    const bench = connected({ maxSubscriptions: 2 });
    const send = (id: number, filter: string) => bench.from('s', frame(`12 20 ${hex16(id)}`, filter));
    expect([send(1, 'a/#'), send(2, 'b/#'), send(3, 'c/#')]).toEqual([
      ['#1 SUBSCRIBE id1 a/# qos1'],
      [],
      ['s < 0813000000000301'],
    ]);
    expect(bench.suback(1, 1, 0x80)).toEqual(['s < 0813000000000103', '#1 SUBSCRIBE id2 b/# qos1']); // refused: room again
    expect(send(4, 'c/#')).toEqual([]);
  });

  it('by short name and by pre-defined id counts too', () => {
    const bench = new CoreBench({ settings: { clients: { maxSubscriptions: 1 } }, predefined: { '*': { 5: 'p/5' } } });
    bench.connect('s', 's1');
    subscribe(bench, 'a/#');
    expect(bench.from('s', '07 12 22 00 06 78 79')).toEqual(['s < 0813000000000601']);
    expect(bench.from('s', '07 12 21 00 07 00 05')).toEqual(['s < 0813000000000701']);
  });
});

describe('how many octets of names one client may have (I-48, R-10)', () => {
  const hundred = (letter: string) => letter.repeat(100);

  it('registered names and filters count together; one without wildcards is both', () => {
    const bench = connected({ maxNameOctets: 400 });
    expect(register(bench, hundred('a'))).toBe('00');
    expect(subscribe(bench, hundred('b'))).toBe('00');
    expect(register(bench, hundred('c'))).toBe('00');
    expect(register(bench, 'd')).toBe('01');
    expect(subscribe(bench, 'd')).toBe('01');
    expect(subscribe(bench, '+')).toBe('01');
  });

  it('what it has already is answered as ever: the same name, the same filter (R-2, U-12)', () => {
    const bench = connected({ maxNameOctets: 300 });
    register(bench, hundred('a'));
    subscribe(bench, hundred('b'));
    expect([register(bench, hundred('a')), register(bench, hundred('b')), subscribe(bench, hundred('b'))]).toEqual([
      '00',
      '00',
      '00',
    ]);
  });

  it('UNSUBSCRIBE frees those of the filter; the topic id stays (U-10)', () => {
    const bench = connected({ maxNameOctets: 400 });
    subscribe(bench, hundred('a'));
    subscribe(bench, `${hundred('b')}/#`);
    expect(register(bench, hundred('c'))).toBe('01');
    unsubscribe(bench, hundred('a'));
    expect([register(bench, 'c'.repeat(198)), register(bench, 'd')]).toEqual(['00', '01']);
  });

  it('counts octets of UTF-8, also after a clean start (S-4)', () => {
    const bench = connected({ maxNameOctets: 256 });
    expect([register(bench, 'é'.repeat(100)), register(bench, 'é'.repeat(29))]).toEqual(['00', '01']);
    bench.from('s', '02 18');
    bench.connect('s', 's1');
    expect(register(bench, 'é'.repeat(120))).toBe('00');
  });

  it('a delivery whose topic gets no id any more is dropped, and acknowledged', () => {
    const bench = connected({ maxNameOctets: 256 });
    subscribe(bench, '#');
    register(bench, 'r'.repeat(246));
    const lines = bench.message(1, 'long/topic', 'x', { qos: 1, packetId: 9 });
    expect(lines).toEqual(['#1 PUBACK id9']);
    expect(bench.notes).toMatchObject([
      {
        type: 'delivery-dropped',
        reason: 'its topic names and filters take too many octets (clients.maxNameOctets: 256)',
      },
    ]);
  });

  it('the log names the setting of which a topic id more would be too many, whoever wants it', () => {
    const bench = connected({ maxTopics: 1 });
    subscribe(bench, '#');
    expect(register(bench, 'a')).toBe('00');
    const reason = 'the topic id table is full (clients.maxTopics: 1)';
    expect(register(bench, 'b')).toBe('01');
    expect(bench.notes).toMatchObject([{ type: 'request-rejected', message: 'REGISTER', reason }]);
    expect(subscribe(bench, 'c')).toBe('01');
    expect(bench.notes).toMatchObject([{ type: 'request-rejected', message: 'SUBSCRIBE', reason }]);
    bench.message(1, 'd', 'x', { qos: 1, packetId: 9 });
    expect(bench.notes).toMatchObject([{ type: 'delivery-dropped', topic: 'd', reason }]);
  });

  it('a delivery whose topic does not fit into a frame takes no id, and no octets (G-5)', () => {
    const bench = connected({ maxNameOctets: 5000, maxTopics: 1 });
    subscribe(bench, '#');
    expect(bench.message(1, 'n'.repeat(2_000), 'x')).toEqual([]);
    expect(bench.notes).toMatchObject([{ reason: 'its topic name does not fit into a frame of 1472 octets' }]);
    expect(register(bench, 'n')).toBe('00');
  });
});

describe('UNSUBSCRIBE while the broker is away (I-48, 3.5 item 3)', () => {
  it('is always answered; what is remembered for the broker has the limits of a client', () => {
    const bench = connected({ maxSubscriptions: 3 }, false);
    for (const filter of ['a/#', 'b/#', 'c/#']) {
      subscribe(bench, filter);
    }
    bench.down(1);
    const answered = Array.from({ length: 100 }, (_, i) =>
      bench.from('s', frame(`14 00 ${hex16(1000 + i)}`, `x/${i}`)),
    );
    expect(answered.flat()).toHaveLength(100);
    for (const [i, filter] of ['a/#', 'b/#', 'c/#'].entries()) {
      expect(bench.from('s', frame(`14 00 ${hex16(2000 + i)}`, filter))).toHaveLength(1);
    }
    bench.pass(1_000);
    const unsubscribed = bench.up(3, true); // #2 is the gateway's own
    expect(unsubscribed.map((line) => line.split(' ').at(-1))).toEqual(['x/0', 'x/1', 'x/2', 'a/#', 'b/#', 'c/#']);
  });
});
