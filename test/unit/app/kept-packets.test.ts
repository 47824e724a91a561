import { describe, expect, it } from '@jest/globals';
import type { Input } from '../../../src/core/contract/input.ts';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { bench, SlowStore, settled } from './driver-bench.ts';

const PUBLISH_QOS_2 = '08 0c 40 0001 0007 78';
const REGISTER = frame('0a 0000 0001', 'a/b');
const LOST: Input = { type: 'upstream-lost', connection: 1, reason: 'broken', takenOver: false };

describe('a connection to the broker that breaks while its client waits for the disk (I-38, I-42)', () => {
  it('the core is told what has not gone out on it', async () => {
    const store = new SlowStore();
    const { driver, core, from, news } = bench(store);
    driver.start({ type: 'tick' });
    from('s', connectFrame('s', false));
    driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    from('s', REGISTER);
    while (store.pending.length > 0) {
      store.pending.shift()?.done();
      await settled();
    }
    from('s', frame('0c 20 0001 0006', 'out'));
    news();
    from('s', PUBLISH_QOS_2);
    from('s', frame('0c 00 0001 0000', 'zero'));
    expect(news()).toEqual([]);
    const heard: Input[] = [];
    const handle = core.handle.bind(core);
    core.handle = (input, now) => {
      heard.push(input);
      return handle(input, now);
    };
    driver.feed(LOST);
    expect(heard).toEqual([{ ...LOST, kept: { packetIds: new Set([2]), qos0: 1 } }]);
    while (store.pending.length > 0) {
      store.pending.shift()?.done();
      await settled();
    }
    driver.feed(LOST);
    expect(heard.at(-1)).toEqual(LOST);
  });
});
