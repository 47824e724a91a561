import { describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../support/core-bench.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import { mainKeys } from '../support/disk-session.ts';

describe('a sleeper that connected clean, with a QoS 2 PUBLISH half-way (3.3)', () => {
  /** Connected clean, topic id 1 is "a/b", MsgId 7 has got PUBREC; the broker keeps nothing of it over a crash. */
  function halfWay(): DiskBench {
    const bench = new DiskBench();
    bench.from('s', connectFrame('s'));
    bench.up(1);
    bench.from('s', frame('0a 0000 0001', 'a/b'));
    bench.from('s', frame('0c 40 0001 0007', 'x'));
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['s < 040f0007']);
    return bench;
  }

  it('keeps it from the moment on at which it sleeps: after a crash it is published anew, and released once (I-6)', () => {
    const killed = halfWay();
    expect([...killed.disk.keys()]).toEqual([]);
    killed.from('s', '04 18 01 2C');
    expect(mainKeys(killed.disk).sort()).toEqual(['exchange/s/1', 'session/s']);
    const bench = restarted(killed);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos2 id1 a/b "x"']);
    bench.acked(1, 'PUBREC', 1);
    expect(bench.from('s', '04 10 00 07')).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0007']);
    expect(mainKeys(bench.disk)).toEqual(['session/s']);
  });

  it('leaves nothing of it on disk when it comes back and finishes', () => {
    const bench = halfWay();
    bench.from('s', '04 18 01 2C');
    bench.from('s', connectFrame('s', false));
    bench.from('s', '04 10 00 07');
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0007']);
    expect(mainKeys(bench.disk)).toEqual(['session/s']); // it may sleep again
    expect(restarted(bench).disk.size).toBe(0);
  });

  it('that it releases while it is active is released once after a crash, not published anew (I-6)', () => {
    const killed = halfWay();
    killed.from('s', '04 18 01 2C');
    killed.from('s', connectFrame('s', false));
    expect(killed.from('s', '04 10 00 07')).toEqual(['#1 PUBREL id1']);
    killed.from('s', '04 18 01 2C');
    const bench = restarted(killed);
    expect(bench.up(1)).toEqual(['#1 PUBREL id1']);
  });
});
