import { describe, expect, it } from '@jest/globals';
import { TransportWatch } from '../../../src/observe/transport-watch.ts';

const transport = 'udp';

describe('how a transport is', () => {
  it('is down until it tells otherwise', () => {
    expect(new TransportWatch(() => 5).of('udp')).toEqual({ state: 'down', since: 5, reason: undefined, problems: 0 });
  });

  it('is what it told last, with since when, why, and how often it had trouble', () => {
    let now = 0;
    const watch = new TransportWatch(() => now);
    now = 10;
    watch.note({ type: 'transport-up', transport, address: '127.0.0.1:1884' });
    expect(watch.of('udp')).toEqual({ state: 'up', since: 10, reason: undefined, problems: 0 });
    now = 20;
    watch.note({ type: 'transport-problem', transport, code: 'EHOSTUNREACH', reason: 'no way there' });
    watch.note({ type: 'octets-discarded', transport, octets: 7, reason: 'noise' });
    expect(watch.of('udp')).toEqual({ state: 'up', since: 10, reason: 'no way there', problems: 2 });
    watch.note({ type: 'transport-down', transport, code: 'ENODEV', reason: 'unplugged' });
    now = 30;
    watch.note({ type: 'transport-down', transport, code: 'ENODEV', reason: 'still unplugged' });
    expect(watch.of('udp')).toEqual({ state: 'down', since: 20, reason: 'still unplugged', problems: 4 });
    now = 40;
    watch.note({ type: 'transport-up', transport, address: '127.0.0.1:1884' });
    expect(watch.of('udp')).toEqual({ state: 'up', since: 40, reason: undefined, problems: 4 });
  });

  it('is nothing of the others', () => {
    const watch = new TransportWatch(() => 0);
    watch.note({ type: 'transport-up', transport: 'serial', address: '/dev/ttyUSB0' });
    expect(watch.of('udp').state).toBe('down');
  });
});
