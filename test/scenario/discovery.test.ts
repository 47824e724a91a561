import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import type { PartialSettings } from '../support/settings-with.ts';

const advertise = 'all udp r0 < 0500010384';

/** A gateway on a transport with multicast, whose own connection, #1, stands. */
function onAir(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ broadcast: true, settings });
  bench.up(1);
  return bench;
}

describe('ADVERTISE (6.1)', () => {
  it('goes out at start-up, as soon as the own connection stands, with the period as Duration (D-2, D-3, D-4, I-13)', () => {
    const bench = new CoreBench({ broadcast: true });
    expect(bench.opening).toEqual(['#1 CONNECT (gateway) clean']);
    expect(bench.up(1)).toEqual([advertise]);
  });

  it('goes out every T_ADV, to all nodes (D-3, D-4)', () => {
    const bench = onAir();
    for (let period = 1; period <= 3; period++) {
      expect(bench.pass(899_999)).toEqual([]);
      expect(bench.pass(1)).toEqual([advertise]);
    }
  });

  it('is not sent again because a client connects', () => {
    const bench = onAir();
    bench.from('s', S1.connectClean);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it('keeps its period under traffic', () => {
    const bench = onAir();
    bench.connect('s', 's1', { duration: 3_600 });
    for (let minute = 1; minute < 15; minute++) {
      expect(bench.pass(60_000)).toEqual([]);
      bench.from('s', S1.pingReq);
      bench.from('x', '03 01 00');
    }
    expect(bench.pass(59_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([advertise]);
  });

  it('carries the configured GwId and period (5.4.1)', () => {
    const bench = new CoreBench({ broadcast: true, settings: { gateway: { id: 0xfe, advertiseInterval: 1_200_000 } } });
    expect(bench.up(1)).toEqual(['all udp r0 < 0500fe04b0']);
    expect(bench.pass(1_199_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['all udp r0 < 0500fe04b0']);
  });

  it('is off with period 0; SEARCHGW is answered all the same (D-3)', () => {
    const bench = new CoreBench({ broadcast: true, settings: { gateway: { advertiseInterval: 0 } } });
    openOwnConnection(bench);
    expect(bench.pass(10_000_000)).toEqual([]);
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030201', 'all udp r1 < 030201']);
  });

  it('is off with period 0, but the own connection is opened at start all the same: multicast is configured (I-13)', () => {
    const bench = new CoreBench({ broadcast: true, settings: { gateway: { advertiseInterval: 0 } } });
    expect(bench.opening).toEqual(['#1 CONNECT (gateway) clean']);
  });

  it('is not sent on a transport that cannot broadcast', () => {
    const bench = new CoreBench();
    expect(bench.opening).toEqual([]);
    expect(bench.pass(10_000_000)).toEqual([]);
  });

  it('stops when the transport is closed', () => {
    const bench = onAir();
    bench.feed({ type: 'transport-closed', transport: 'udp' });
    expect(bench.pass(10_000_000)).toEqual([]);
  });
});

describe('discovery while the broker is away (D-2, D-13, I-13)', () => {
  it('stops ADVERTISE when the broker cannot be reached, and sends one at once when it is back (D-2)', () => {
    const bench = new CoreBench({ broadcast: true });
    expect(bench.down(1)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
    expect(bench.pass(2_000_000)).toEqual([]);
    expect(bench.up(2)).toEqual([advertise]);
    expect(bench.pass(899_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([advertise]);
  });

  it('tries with growing pauses, up to a minute (3.5)', () => {
    const bench = onAir();
    bench.down(1);
    let connection = 1;
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      expect(bench.pass(pause - 1)).toEqual([]);
      connection += 1;
      expect(bench.pass(1)).toEqual([`#${connection} CONNECT (gateway) clean`]);
      expect(bench.down(connection)).toEqual([]);
    }
  });

  it('does not answer SEARCHGW while the broker is away (D-13)', () => {
    const bench = onAir();
    bench.down(1);
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
    bench.down(2);
    expect(bench.from('x', '03 01 01')).toEqual([]);
    bench.pass(2_000);
    bench.up(3);
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030201', 'all udp r1 < 030201']);
  });

  it('answers SEARCHGW all the same when told so (D-13)', () => {
    const bench = onAir({ gateway: { answerWithoutUpstream: true } });
    bench.down(1);
    bench.pass(1_000);
    bench.down(2);
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030201', 'all udp r1 < 030201']);
  });

  it('without multicast too: silent from the first failure until a client or the own connection reaches the broker (I-13)', () => {
    const bench = new CoreBench();
    expect(bench.from('x', '03 01 00')).toEqual(['x < 030201']);
    bench.from('s', S1.connectClean);
    expect(bench.down(1)).toEqual(['#2 CONNECT (gateway) clean', 's < 030501']);
    expect(bench.from('x', '03 01 00')).toEqual([]);
    expect(bench.up(2)).toEqual([]);
    expect(bench.from('x', '03 01 00')).toEqual(['x < 030201']);
  });

  it('goes on as long as one path is up: the loss of one client connection stops nothing (D-2)', () => {
    const bench = onAir();
    bench.connect('s', 's1', { duration: 3_600 });
    bench.down(2);
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030201', 'all udp r1 < 030201']);
    const lines = bench.pass(900_000);
    expect(lines.filter((line) => line.startsWith('all'))).toEqual([advertise]);
  });

  it('has an upstream although a broker refuses a client (I-13)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    bench.refused(1, 5);
    expect(bench.from('x', '03 01 00')).toEqual(['x < 030201']);
  });
});

describe('SEARCHGW (6.1, D-10)', () => {
  it.each([
    ['03 01 00', 'all udp r0 < 030201'],
    ['03 01 01', 'all udp r1 < 030201'],
    ['03 01 FF', 'all udp r255 < 030201'],
  ])('%s is answered at once with GWINFO to all within its radius, and to the sender (T-45)', (searchGw, gwInfo) => {
    const bench = onAir();
    expect(bench.from('x', searchGw)).toEqual(['x < 030201', gwInfo]);
  });

  it('is answered to the sender alone where the transport cannot broadcast (T-45)', () => {
    const bench = new CoreBench();
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030201']);
  });

  it('is answered each time, with the configured GwId and without GwAdd (5.4.3)', () => {
    const bench = new CoreBench({ settings: { gateway: { id: 7 } } });
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030207']);
    expect(bench.from('x', '03 01 01')).toEqual(['x < 030207']);
  });

  it('creates no state: the sender is still unknown', () => {
    const bench = new CoreBench();
    bench.from('x', '03 01 01');
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('x', S1.pingReq)).toEqual(['x < 0218']);
  });

  it.each(['02 01', '04 01 01 00'])('of a wrong length is dropped: %s (T-49)', (frame) => {
    const bench = onAir();
    expect(bench.from('x', frame)).toEqual([]);
  });
});

describe('what other gateways and clients say (D-14)', () => {
  it.each([
    ['ADVERTISE of another gateway', '05 00 02 03 84'],
    ['ADVERTISE of the own id', '05 00 01 03 84'],
    ['GWINFO of another gateway', '03 02 02'],
    ['GWINFO of a client', '0A 02 01 06 C0 A8 01 14 27 10'],
    ['GWINFO of a client about another gateway', '06 02 02 02 1A 2B'],
  ])('%s changes nothing', (_, frame) => {
    const bench = onAir();
    expect(bench.from('x', frame)).toEqual([]);
    expect(bench.pass(900_000)).toEqual([advertise]);
  });
});

describe('the own connection (I-13, Q-3)', () => {
  it('is opened by the first publish with QoS −1, which waits for it', () => {
    const bench = new CoreBench();
    expect(bench.from('x', S1.publishQosMinus1)).toEqual(['#1 CONNECT (gateway) clean']);
    expect(bench.from('y', S1.publishQosMinus1)).toEqual([]);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 tp "4"', '#1 PUBLISH qos0 tp "4"']);
  });

  it('brings discovery back after a loss, also without multicast', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.down(1);
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
    bench.down(2);
    expect(bench.from('x', '03 01 00')).toEqual([]);
    expect(bench.pass(2_000)).toEqual(['#3 CONNECT (gateway) clean']);
    bench.up(3);
    expect(bench.from('x', '03 01 00')).toEqual(['x < 030201']);
  });
});

describe('several transports, and a line with one peer (D-10, T-45, I-27)', () => {
  const peer = 'serial:peer';

  it('ADVERTISE goes out on each transport that broadcasts, a line with one peer included', () => {
    const bench = new CoreBench({ broadcast: true });
    expect(bench.open('serial', { broadcast: true, pointToPoint: true })).toEqual([]);
    expect(bench.open('xbee', { broadcast: true })).toEqual([]);
    expect(bench.open('quiet')).toEqual([]);
    const everywhere = ['udp', 'serial', 'xbee'].map((transport) => `all ${transport} r0 < 0500010384`);
    expect(bench.up(1)).toEqual(everywhere);
    expect(bench.pass(899_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(everywhere);
  });

  it('a line alone opens the own connection at start and is sent ADVERTISE', () => {
    const bench = new CoreBench();
    expect(bench.open('serial', { broadcast: true, pointToPoint: true })).toEqual(['#1 CONNECT (gateway) clean']);
    expect(bench.up(1)).toEqual(['all serial r0 < 0500010384']);
  });

  it.each(['03 01 00', '03 01 01', '03 01 FF'])('on a line %s is answered once', (searchGw) => {
    const bench = new CoreBench();
    bench.open('serial', { broadcast: true, pointToPoint: true });
    bench.up(1);
    expect(bench.from(peer, searchGw)).toEqual([`${peer} < 030201`]);
  });

  it('on a line without ADVERTISE it is answered once as well', () => {
    const bench = new CoreBench();
    bench.open('serial', { pointToPoint: true });
    expect(bench.from(peer, '03 01 01')).toEqual([`${peer} < 030201`]);
  });

  it('behind a forwarder on a line it is answered in one capsule (F-5)', () => {
    const bench = new CoreBench();
    bench.open('serial', { broadcast: true, pointToPoint: true });
    bench.up(1);
    expect(bench.from(peer, '05 FE 00 12 34 03 01 01')).toEqual([`${peer} < 05fe011234030201`]);
  });

  it('SEARCHGW is answered on the transport where it came from, and on no other', () => {
    const bench = new CoreBench({ broadcast: true });
    bench.open('xbee', { broadcast: true });
    bench.open('serial', { broadcast: true, pointToPoint: true });
    bench.up(1);
    expect(bench.from('xbee:x', '03 01 02')).toEqual(['xbee:x < 030201', 'all xbee r2 < 030201']);
    expect(bench.from('x', '03 01 02')).toEqual(['x < 030201', 'all udp r2 < 030201']);
    expect(bench.from(peer, '03 01 02')).toEqual([`${peer} < 030201`]);
  });

  it('one that comes (back) while the gateway is known to be reachable gets its ADVERTISE at once, and the others none (D-3, D-4)', () => {
    const bench = onAir();
    bench.pass(1_000);
    expect(bench.open('xbee', { broadcast: true })).toEqual(['all xbee r0 < 0500010384']);
    bench.close('xbee');
    bench.pass(1_000);
    expect(bench.open('xbee', { broadcast: true })).toEqual(['all xbee r0 < 0500010384']);
  });

  it('a transport that is closed is left out, and is back when it is opened', () => {
    const bench = new CoreBench({ broadcast: true });
    bench.open('xbee', { broadcast: true });
    bench.up(1);
    bench.close('xbee');
    expect(bench.pass(900_000)).toEqual([advertise]);
    bench.pass(1_000);
    bench.open('xbee', { broadcast: true });
    expect(bench.pass(900_000)).toEqual([advertise, 'all xbee r0 < 0500010384']);
    expect(bench.from('xbee:x', '03 01 02')).toEqual(['xbee:x < 030201', 'all xbee r2 < 030201']);
  });
});
