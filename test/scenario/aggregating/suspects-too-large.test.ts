import { expect, it } from '@jest/globals';
import { HubBench } from '../../support/hub-bench.ts';

it('suspected publishes that the next connection does not take are refused without a word to the broker, and keep nobody waiting', () => {
  const bench = new HubBench();
  for (const name of ['a', 'b', 'c']) {
    bench.client(name, { clean: false });
    bench.got(name);
  }
  bench.publishes('a', 1, 1, 'x'.repeat(200));
  bench.publishes('b', 2, 1, 'x'.repeat(200));
  bench.breaks();
  bench.publishes('c', 1, 1, 'small');
  bench.wait(2_000);
  bench.stands({ sessionPresent: true, maximumPacketSize: 100 });
  expect(bench.wait(1_000)).toEqual([expect.stringMatching(/PUBLISH qos1 id\d+ tp "small"$/)]);
  expect(bench.got('a')).toEqual(['070d7470000103']);
  expect(bench.got('b')).toEqual(['070d7470000103']);
});
