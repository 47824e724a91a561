import { describe, expect, it } from '@jest/globals';
import { connectFrame, octets } from '../support/core-bench.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';

describe('where a client is, over a restart', () => {
  it.each([
    ['udp:192.0.2.7:4711', '192.0.2.7', '192.0.2.7:4711'],
    ['udp:[2001:db8::7]:4711', '2001:db8::7', '[2001:db8::7]:4711'],
    ['udp:0123456789abcdef', '192.0.2.7', '192.0.2.7:4711'],
    ['udp:0013a20040b5c1d2', '0013a20040b5c1d2', '0013a20040b5c1d2'],
  ])('is shown whole: %s', (link, host, address) => {
    const bench = new DiskBench();
    const peer = { transport: 'udp', host, address };
    bench.feed({ type: 'frame-received', link, peer, frame: octets(connectFrame('c', false)) });
    bench.up(bench.connectionOf('c'));
    expect(bench.core.session('c')?.address).toBe(address);
    expect(restarted(bench).core.session('c')?.address).toBe(address);
  });
});
