import { describe, expect, it } from '@jest/globals';
import { type CoreBench, frame } from '../support/core-bench.ts';
import { connected, persistent } from '../support/core-bench-traffic.ts';

const SUBSCRIBE = frame('12 20 0001', 'c/d');
const UNSUBSCRIBE = frame('14 00 0001', 'c/d');

/** What goes to the broker, without packet ids. */
function atBroker(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/^#\d+ /, '').replace(/ id\d+/, ''));
}

/** The broker grants what was asked last. */
function granted(bench: CoreBench, lines: readonly string[], qos = 1): string[] {
  const [, connection, packetId] = /#(\d+) SUBSCRIBE id(\d+)/.exec(lines.join('\n')) ?? [];
  return bench.suback(Number(connection), Number(packetId), qos);
}

/** `s` with "c/d" by MsgId 1. */
function subscriber(bench: CoreBench = connected()): CoreBench {
  expect(granted(bench, bench.from('s', SUBSCRIBE))).toEqual(['s < 0813200001000100']);
  return bench;
}

describe('an answer from memory (U-11, I-54)', () => {
  it('is given while it is so', () => {
    const bench = subscriber();
    expect(bench.from('s', SUBSCRIBE)).toEqual(['s < 0813200001000100']);
  });

  it('SUBACK is not given where the client has refused the topic since (R-8)', () => {
    const bench = persistent();
    subscriber(bench);
    bench.from('s', frame('04 00 01 0064', 's'));
    bench.up(2, true);
    granted(bench, bench.from('s', SUBSCRIBE));
    bench.from('s', frame('04 00 01 0065', 's'));
    bench.up(3, true);
    const register = bench.message(3, 'c/d', 'x', { qos: 1, packetId: 9 }).join('');
    const msgId = /0a0001(.{4})/.exec(register)?.[1];
    expect(atBroker(bench.from('s', `07 0B 0001 ${msgId} 03`))).toContain('UNSUBSCRIBE c/d');
    expect(atBroker(bench.from('s', SUBSCRIBE))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('SUBACK is not given where the client has unsubscribed since, with the same MsgId', () => {
    const bench = subscriber();
    const asked = bench.from('s', UNSUBSCRIBE);
    bench.unsuback(1, Number(/id(\d+)/.exec(asked.join())?.[1]));
    expect(atBroker(bench.from('s', SUBSCRIBE))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('UNSUBACK is not given where the client has subscribed since', () => {
    const bench = subscriber();
    const asked = bench.from('s', UNSUBSCRIBE);
    bench.unsuback(1, Number(/id(\d+)/.exec(asked.join())?.[1]));
    granted(bench, bench.from('s', frame('12 20 0002', 'c/d')));
    expect(atBroker(bench.from('s', UNSUBSCRIBE))).toEqual(['UNSUBSCRIBE c/d']);
  });

  it('SUBACK is not given where the QoS has been replaced since (U-12)', () => {
    const bench = subscriber();
    granted(bench, bench.from('s', frame('12 00 0001', 'c/d')), 0);
    expect(atBroker(bench.from('s', SUBSCRIBE))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('is not given after a CONNECT: a client that counts from 1 again asks for the retained messages', () => {
    const bench = persistent();
    subscriber(bench);
    bench.from('s', frame('04 00 01 0064', 's'));
    bench.up(2, true);
    expect(atBroker(bench.from('s', SUBSCRIBE))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('is not given after a CONNECT out of a sleep', () => {
    const bench = persistent();
    subscriber(bench);
    bench.from('s', '04 18 01 2C');
    expect(bench.from('s', frame('04 00 01 0064', 's'))).toEqual(['s < 030500']);
    expect(atBroker(bench.from('s', SUBSCRIBE))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('a SUBSCRIBE that is at the broker is not answered after a CONNECT out of a sleep, and the same one asks anew', () => {
    const bench = persistent();
    bench.from('s', '04 18 01 2C');
    bench.from('s', frame('16', 's'));
    const asked = bench.from('s', SUBSCRIBE);
    bench.from('s', frame('04 00 01 0064', 's'));
    expect(granted(bench, asked)).toEqual([]);
    const again = bench.from('s', SUBSCRIBE);
    expect(atBroker(again)).toEqual(['SUBSCRIBE c/d qos1']);
    expect(granted(bench, again)).toEqual(['s < 0813200001000100']);
  });
});
