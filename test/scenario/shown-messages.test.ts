import { describe, expect, it } from '@jest/globals';
import { type CoreBench, frame } from '../support/core-bench.ts';
import { connected, subscribed } from '../support/core-bench-traffic.ts';
import { HubBench } from '../support/hub-bench.ts';

const predefined = { '*': { 10: 'x/y' } };
const watched = (): CoreBench => connected({ predefined, watched: true });

/** What is shown of messages, among other effects. */
const shown = (lines: readonly string[]): string[] => lines.filter((line) => /^(up|down) /.test(line));

describe('application messages, for whoever watches', () => {
  it('are not shown where nobody does', () => {
    const bench = connected({ predefined });
    expect(bench.from('s', frame('0c 01 000a 0000', 'x'))).toEqual(['#1 PUBLISH qos0 x/y "x"']);
  });

  it('are shown once each when they are taken from a client, with QoS 0 to 2, before they go to the broker', () => {
    const bench = watched();
    expect(bench.from('s', frame('0c 11 000a 0000', 'x'))).toEqual([
      'up s qos0 x/y "x" retain',
      '#1 PUBLISH qos0 x/y "x" retain',
    ]);
    expect(shown(bench.from('s', frame('0c 21 000a 0001', 'y')))).toEqual(['up s qos1 x/y "y"']);
    expect(shown(bench.from('s', frame('0c a1 000a 0001', 'y')))).toEqual([]); // repeated
    expect(shown(bench.from('s', frame('0c 41 000a 0002', 'z')))).toEqual(['up s qos2 x/y "z"']);
  });

  it('are shown with QoS −1, of nobody where there is no session', () => {
    const bench = watched();
    expect(shown(bench.from('other', frame('0c 61 000a 0000', 'x')))).toEqual(['up (nobody) qos-1 x/y "x"']);
  });

  it('are not shown where they are refused', () => {
    const bench = watched();
    expect(shown(bench.from('s', frame('0c 21 000b 0001', 'y')))).toEqual([]);
  });

  it('are shown when a client has them: sent with QoS 0, acknowledged with QoS 1 and 2', () => {
    const bench = watched();
    subscribed(bench, 'a/b', 2);
    expect(shown(bench.message(1, 'a/b', 'x'))).toEqual(['down s qos0 a/b "x"']);
    expect(shown(bench.message(1, 'a/b', 'y', { packetId: 10, qos: 1 }))).toEqual([]);
    expect(shown(bench.from('s', '07 0D 00 01 00 01 00'))).toEqual(['down s qos1 a/b "y"']);
    expect(shown(bench.message(1, 'a/b', 'z', { packetId: 11, qos: 2 }))).toEqual([]);
    const received = shown(bench.from('s', '04 0F 00 02'));
    const released = shown(bench.released(1, 11));
    const complete = shown(bench.from('s', '04 0E 00 02'));
    expect([...received, ...released, ...complete]).toEqual(['down s qos2 a/b "z"']);
  });

  it('are shown by the client that has them where a connection is shared', () => {
    const bench = new HubBench({ watched: true });
    bench.client('a');
    bench.subscribe('a', 'x/+', 0);
    expect(shown(bench.comes('x/y', 'hello', { identifiers: [65] }))).toEqual(['down a qos0 x/y "hello"']);
  });
});
