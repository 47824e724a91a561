import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';

/** PUBLISH QoS −1, short topic "tp", payload "42". */
const PUBLISH = '09 0C 62 74 70 00 00 34 32';
/** The same with short topic "xy". */
const OTHER = '09 0C 62 78 79 00 00 34 32';
const forwarded = '#1 PUBLISH qos0 tp "42"';

/** A gateway whose own connection stands. */
function bench(settings: ConstructorParameters<typeof CoreBench>[0] = {}): CoreBench {
  const core = new CoreBench({ broadcast: true, ...settings });
  core.up(1);
  return core;
}

describe('restrictions of QoS −1 (Q-7, T-12 f, g)', () => {
  it('lets in only the addresses on the list, whatever their port', () => {
    const core = bench({ settings: { clients: { qosMinus1From: ['192.0.2.7', '2001:db8::7'] } } });
    expect(core.from('192.0.2.7:4711', PUBLISH)).toEqual([forwarded]);
    expect(core.from('[2001:db8::7]:4711', PUBLISH)).toEqual([forwarded]);
    expect(core.from('192.0.2.70:4711', PUBLISH)).toEqual([]);
    expect(core.notes).toMatchObject([
      { type: 'client-publish-dropped', qos: -1, reason: 'QoS −1 is not accepted from this address' },
    ]);
  });

  it('lets in one address of a host, where that is on the list', () => {
    const core = bench({ settings: { clients: { qosMinus1From: ['192.0.2.7:4711'] } } });
    expect(core.from('192.0.2.7:4711', PUBLISH)).toEqual([forwarded]);
    expect(core.from('192.0.2.7:4712', PUBLISH)).toEqual([]);
  });

  it('lets in nodes behind a forwarder on the list', () => {
    const core = bench({ settings: { clients: { qosMinus1From: ['192.0.2.7'] } } });
    expect(core.from('192.0.2.7:4711', `05 FE 00 12 34 ${PUBLISH}`)).toEqual([forwarded]);
  });

  it('lets in only topics that one of the filters matches', () => {
    const core = bench({ settings: { clients: { qosMinus1Topics: ['a/#', 'tp'] } } });
    expect(core.from('s', PUBLISH)).toEqual([forwarded]);
    expect(core.from('s', OTHER)).toEqual([]);
    expect(core.notes).toMatchObject([
      { type: 'client-publish-dropped', qos: -1, reason: 'QoS −1 is not accepted for this topic' },
    ]);
  });

  it('lets in so many in a second, over all senders, and again in the next', () => {
    const core = bench({ settings: { clients: { qosMinus1PerSecond: 3 } } });
    expect(['a', 'b', 'c', 'd'].map((sender) => core.from(sender, PUBLISH).length)).toEqual([1, 1, 1, 0]);
    core.pass(1_000);
    expect(core.from('a', PUBLISH)).toEqual([forwarded]);
  });
});
