import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';

describe('the worked session of the protocol reference (appendix A)', () => {
  const bench = new CoreBench();

  it('connects with a will', () => {
    expect(bench.from('s', '0E 04 0C 01 00 3C 73 65 6E 73 6F 72 2D 31')).toEqual(['s < 0206']);
    expect(bench.from('s', '0A 07 30 77 69 6C 6C 2F 73 31')).toEqual(['s < 0208']);
    expect(bench.from('s', '09 09 6F 66 66 6C 69 6E 65')).toEqual([
      '#1 CONNECT sensor-1 clean will will/s1 "offline" qos1 retain',
    ]);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('registers and publishes with QoS 1', () => {
    expect(bench.from('s', '14 0A 00 00 00 01 73 65 6E 73 6F 72 73 2F 31 2F 74 65 6D 70')).toEqual([
      's < 070b0001000100',
    ]);
    expect(bench.from('s', '0B 0C 20 00 01 00 02 32 31 2E 35')).toEqual(['#1 PUBLISH qos1 id1 sensors/1/temp "21.5"']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['s < 070d0001000200']);
  });

  it('publishes with QoS 2, in step with the broker', () => {
    expect(bench.from('s', '0B 0C 50 00 01 00 03 32 31 2E 36')).toEqual([
      '#1 PUBLISH qos2 id2 sensors/1/temp "21.6" retain',
    ]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
  });

  it('subscribes with a wildcard and gets REGISTER before the first PUBLISH', () => {
    expect(bench.from('s', '0D 12 20 00 04 63 6D 64 2F 73 31 2F 23')).toEqual(['#1 SUBSCRIBE id3 cmd/s1/# qos1']);
    expect(bench.suback(1, 3, 1)).toEqual(['s < 0813200000000400']);
    expect(bench.message(1, 'cmd/s1/led', 'on', { packetId: 10, qos: 1 })).toEqual([
      's < 100a00020001636d642f73312f6c6564',
    ]);
    expect(bench.from('s', '07 0B 00 02 00 01 00')).toEqual(['s < 090c20000200026f6e']);
    expect(bench.from('s', '07 0D 00 02 00 02 00')).toEqual(['#1 PUBACK id10']);
  });

  it('sleeps, wakes, and gets PINGRESP after everything else', () => {
    expect(bench.from('s', '04 18 01 2C')).toEqual(['s < 0218']);
    expect(bench.message(1, 'cmd/s1/led', 'off')).toEqual([]);
    expect(bench.message(1, 'cmd/s1/fan', '1', { packetId: 11, qos: 1 })).toEqual([]);
    expect(bench.from('s', '0A 16 73 65 6E 73 6F 72 2D 31')).toEqual([
      's < 0a0c00000200006f6666',
      's < 100a00030003636d642f73312f66616e',
    ]);
    expect(bench.from('s', '07 0B 00 03 00 03 00')).toEqual(['s < 080c200003000431']);
    expect(bench.from('s', '07 0D 00 03 00 04 00')).toEqual(['#1 PUBACK id11', 's < 0217']);
  });

  it('comes back and leaves', () => {
    expect(bench.from('s', '0E 04 00 01 00 3C 73 65 6E 73 6F 72 2D 31')).toEqual(['s < 030500']);
    expect(bench.from('s', '02 18')).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.core.nextDeadline).toBeUndefined();
  });
});
