import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restartedAndUp } from '../support/core-bench-restart.ts';
import { SharedBench } from '../support/shared-bench.ts';

/** Milliseconds in all, and how many they are. */
function totals({ counts, sum }: { readonly counts: readonly number[]; readonly sum: number }): [number, number] {
  return [counts.reduce((all, count) => all + count, 0), sum];
}

function told(bench: Pick<CoreBench, 'core'>) {
  const { published, delivered } = bench.core.latencies;
  return {
    published: [totals(published[1].read()), totals(published[2].read())],
    delivered: [totals(delivered[0].read()), totals(delivered[1].read()), totals(delivered[2].read())],
  };
}

const NONE = [0, 0];

describe('how long messages of clients take', () => {
  it('is from PUBLISH to PUBACK, and to PUBCOMP', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.publishQos1);
    bench.now += 40;
    bench.acked(1, 'PUBACK', 2);
    bench.from('s', S1.publishQos2);
    bench.now += 10;
    bench.acked(1, 'PUBREC', 3);
    bench.now += 20;
    bench.from('s', '04 10 0003');
    bench.now += 30;
    bench.acked(1, 'PUBCOMP', 3);
    expect(told(bench).published).toEqual([
      [1, 40],
      [1, 60],
    ]);
  });

  it('is not counted where the client does not wait any more, where it is refused, or where the start lies between', () => {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos1);
    bench.acked(1, 'PUBACK', 2, 0x87);
    bench.from('s', S1.publishQos1);
    bench.from('s', S1.connectKeep);
    bench.up(2, true);
    bench.acked(2, 'PUBACK', 3);
    bench.from('s', S1.publishQos2);
    expect(told(bench).published).toEqual([NONE, NONE]);
    const next = restartedAndUp(bench);
    const connection = next.connectionOf('s1');
    next.acked(connection, 'PUBREC', 4);
    next.from('s', '04 10 0003');
    next.acked(connection, 'PUBCOMP', 4);
    expect(told(next).published).toEqual([NONE, NONE]);
  });
});

describe('how long messages for clients take', () => {
  it('is from the PUBLISH of the broker until it is sent, or acknowledged by the client', () => {
    const bench = new CoreBench();
    const connection = bench.subscriber('s');
    bench.message(connection, 'c/d', '0');
    bench.message(connection, 'c/d', '1', { qos: 1, packetId: 1 });
    bench.now += 25;
    bench.message(connection, 'c/d', '2', { qos: 2, packetId: 2 }); // behind the first
    bench.now += 5;
    bench.from('s', '07 0d 0001 0001 00');
    bench.now += 70;
    bench.from('s', '04 0f 0002');
    bench.released(connection, 2);
    bench.from('s', '04 0e 0002');
    expect(told(bench).delivered).toEqual([
      [1, 0],
      [1, 30],
      [1, 75],
    ]);
  });

  it('leaves out what came before the client was there: sleep is no latency', () => {
    const bench = new CoreBench();
    const connection = bench.subscriber('s', 's1');
    bench.from('s', S1.sleep300);
    bench.message(connection, 'c/d', 'm', { qos: 1, packetId: 1 });
    bench.now += 100_000;
    bench.from('s', S1.pingReqId);
    bench.now += 5;
    bench.message(connection, 'c/d', 'n', { qos: 1, packetId: 2 }); // came when it was awake
    bench.now += 5;
    bench.from('s', '07 0d 0001 0001 00');
    bench.now += 5;
    bench.from('s', '07 0d 0001 0002 00');
    expect(told(bench).delivered).toEqual([NONE, [1, 10], NONE]);
  });

  it('counts from the arrival where clients share the connection, also where the session gets it later', () => {
    const bench = new SharedBench();
    bench.up();
    bench.connect('a');
    bench.subscribe('a', 'x', 1);
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
    for (let packetId = 1; packetId <= 17; packetId++) {
      bench.message('x', `m${packetId}`, 1, packetId); // one more than a session is handed at a time
    }
    for (let msgId = 1; msgId <= 17; msgId++) {
      bench.now += 10;
      bench.from('a', { type: 'PUBACK', topicId: 1, msgId, returnCode: 0 });
    }
    const [count, sum] = totals(bench.latencies.delivered[1].read());
    expect([count, sum]).toEqual([17, (10 * 17 * 18) / 2]);
  });
});
