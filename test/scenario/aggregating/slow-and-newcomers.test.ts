import { expect, it } from '@jest/globals';
import { HubBench } from '../../support/hub-bench.ts';

/** Five clients want a filter each at the same moment, while one message after the other comes for `m`. When each of them had SUBACK, in milliseconds. */
function newcomers(isMute: boolean, clean: boolean): number[] {
  const bench = new HubBench({ settings: { upstream: { sharedProtocol: 4 } } });
  bench.client('m', { clean });
  bench.subscribe('m', 'x/+', 1);
  bench.of('m').isMute = isMute;
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    bench.client(name);
    bench.got(name);
  }
  const since = bench.now;
  const answered = new Map<string, number>();
  let pending = names.flatMap((name) => bench.asks(name, `wanted by ${name}`.replaceAll(' ', '/'), 1));
  for (let packetId = 1; packetId <= 100; packetId++) {
    pending = [
      ...bench.comes('x/y', `${packetId}`, { qos: 1, packetId }),
      ...bench.grants(pending),
      ...bench.wait(100),
    ];
    for (const name of names.filter((one) => bench.got(one).length > 0)) {
      answered.set(name, bench.now - since);
    }
  }
  return names.map((name) => answered.get(name) ?? Number.POSITIVE_INFINITY);
}

it.each([true, false])(
  'a client that does not answer keeps no newcomers of other filters waiting where they have to come one at a time (MQTT 3.1.1; it is clean: %s)',
  (clean) => {
    expect(newcomers(true, clean)).toEqual(newcomers(false, clean));
  },
);
