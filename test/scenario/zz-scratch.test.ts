import { it } from '@jest/globals';
import { connectFrame, frame } from '../support/core-bench.ts';
import { connected, persistent, sent, subscribed } from '../support/core-bench-traffic.ts';
it('x', () => {
  for (const mode of ['up-then-release', 'release-before-up', 'disconnect']) {
  const b = persistent();
  subscribed(b, 'a/b', 2);
  const log: unknown[] = [];
  log.push(b.message(1, 'a/b', 'x', { packetId: 10, qos: 2 }), b.from('s', '04 0F 00 01'));
  if (mode === 'disconnect') log.push(b.from('s', '02 18'));
  log.push(b.from('s', connectFrame('s', false, 900)));
  if (mode === 'release-before-up') log.push(b.released(2, 10));
  log.push(b.up(2, true));
  if (mode !== 'release-before-up') log.push(b.released(2, 10));
  log.push(b.from('s', frame('0b 0001 0002 00')), b.from('s', '04 0F 00 01'), b.from('s', '04 0E 00 01'), b.pass(50000));
  console.log(mode, JSON.stringify(log, null, 1));
  }
  const b = connected();
  subscribed(b, 'a/b', 2);
  console.log(b.message(1, 'a/b', 'x', { packetId: 10, qos: 1 }), b.from('s', frame('0d 0001 0001 02')), b.from('s', frame('0b 0001 0002 00')));
});
