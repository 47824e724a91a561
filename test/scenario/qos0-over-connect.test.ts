import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import type { PartialSettings } from '../support/settings-with.ts';

/** `s1` on #2, "a/b" registered as id 1; the own connection is #1. */
function client(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  openOwnConnection(bench);
  keepSession(bench);
  return bench;
}

const published = '#3 PUBLISH qos0 a/b "x"';
const leftAs = expect.objectContaining({
  type: 'client-publish-dropped',
  reason: 'the client left before the broker was back',
});

describe('QoS 0 that waits for the broker when its client connects again (3.5 item 3)', () => {
  it('of an active client goes out with the next connection', () => {
    const bench = client();
    bench.down(2);
    expect(bench.from('s', S1.publishQos0)).toEqual([]);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
    expect(bench.notes).not.toContainEqual(leftAs);
    expect(bench.up(3, true)).toEqual([published, 's < 030500']);
  });

  it('of a sleeper as well', () => {
    const bench = client();
    bench.from('s', S1.sleep300);
    bench.down(2);
    expect(bench.from('s', S1.publishQos0)).toEqual([]);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual([published, 's < 030500']);
  });

  it('is dropped and told where the CONNECT comes to nothing', () => {
    const bench = client();
    bench.down(2);
    bench.from('s', S1.publishQos0);
    bench.from('s', S1.connectKeep);
    expect(bench.refused(3, 5)).toEqual(['s < 030503']);
    expect(bench.notes).toContainEqual(leftAs);
  });

  it('is dropped and told with CleanSession (S-4)', () => {
    const bench = client();
    bench.down(2);
    bench.from('s', S1.publishQos0);
    bench.from('s', S1.connectClean);
    expect(bench.notes).toContainEqual(leftAs);
    expect(bench.up(3)).toEqual(['s < 030500']);
  });
});
