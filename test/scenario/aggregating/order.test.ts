import { describe, expect, it } from '@jest/globals';
import { SharedBench } from '../../support/shared-bench.ts';

/** That of the first SUBSCRIBE for the first filter. */
const IDENTIFIER = 65;

function subscriber(): SharedBench {
  const bench = new SharedBench();
  bench.up();
  bench.connect('a');
  bench.subscribe('a', 't/a', 1);
  bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
  return bench;
}

const message = (bench: SharedBench, number: number): string[] =>
  bench.message('t/a', `m-${number}`, 1, number, { identifiers: [IDENTIFIER] });

const onDisk = (bench: SharedBench): string[] =>
  [...bench.disk.keys()].filter((key) => key.startsWith('parcel')).sort();

describe('messages for one client over a crash', () => {
  it('keep their order: what it has been handed, and has not acknowledged, is on the disk before what comes later is', () => {
    const bench = subscriber();
    message(bench, 1);
    expect(onDisk(bench)).toEqual([]);
    bench.sleep('a');
    message(bench, 2);
    expect(onDisk(bench)).toEqual(['parcel/a/1', 'parcel/a/2']);
  });

  it('are written each once', () => {
    const bench = subscriber();
    message(bench, 1);
    bench.sleep('a');
    message(bench, 2);
    bench.pass(2_000);
    expect(onDisk(bench)).toEqual(['parcel/a/1', 'parcel/a/2']);
    bench.from('a', { type: 'PINGREQ', clientId: 'a' });
    for (const msgId of [1, 2]) {
      bench.from('a', { type: 'PUBACK', topicId: 1, msgId, returnCode: 0 });
    }
    expect([...bench.disk.keys()].filter((key) => /^(parcel|message)/.test(key))).toEqual([]);
  });
});
