import { describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { bench } from './driver-bench.ts';

describe('the driver', () => {
  it('handles nothing before it is started, then its first input before all others', () => {
    const { driver, from, news } = bench();
    from('s', connectFrame('s'));
    expect(news()).toEqual([]);
    const session = {
      kind: 'session',
      clientId: 's',
      protocolVersion: '1.2',
      link: 'udp:old',
      transport: 'udp',
      host: 'old',
      nodeId: undefined,
      state: 'disconnected',
      cleanSession: false,
    } as const;
    const empty = {
      keepAlive: 0,
      sleepDuration: undefined,
      lastHeard: 0,
      nextTopicId: 1,
      epoch: 1,
    };
    driver.start({
      type: 'sessions-restored',
      records: [{ ...session, ...empty }],
    });
    expect(news()).toEqual(['#1 CONNECT (gateway) clean', '#2 CONNECT s clean']);
  });

  it("may hold and release what belongs to no client ('')", () => {
    const { driver, from, news, notes } = bench();
    driver.start({ type: 'tick' });
    for (const type of ['client-held', 'client-released', 'session-failed'] as const) {
      driver.feed({ type, clientId: '' });
    }
    expect([news(), notes]).toEqual([[], []]);
    from('s', connectFrame('s'));
    expect(news()).toEqual(['#1 CONNECT s clean']);
  });

  it('wakes the core at its deadline, also where the timer fires early', () => {
    const { driver, clock, from, news } = bench();
    driver.start({ type: 'tick' });
    from('s', frame('04 0c 01 003c', 's'));
    expect(news()).toEqual(['s < 0206']);
    for (let second = 2; second <= 10; second++) {
      expect(clock.wakeUps.map(({ at }) => at)).toEqual([second * 1_000]); // it looks at the clock every second
      clock.time = second * 1_000;
      clock.fire();
      expect(news()).toEqual([]);
    }
    expect(clock.wakeUps.map(({ at }) => at)).toEqual([11_000]);
    clock.time = 10_999.2;
    clock.fire();
    expect(news()).toEqual(['s < 0206']);
    expect(clock.wakeUps.map(({ at }) => at)).toEqual([11_999]); // its time has whole milliseconds
  });

  it('sets no timer any more when it has been stopped', () => {
    const { driver, clock, from } = bench();
    driver.start({ type: 'tick' });
    from('s', frame('04 0c 01 003c', 's'));
    driver.stop();
    driver.feed({ type: 'transport-closed', transport: 'udp' });
    from('t', frame('04 0c 01 003c', 't'));
    expect(clock.wakeUps).toEqual([]);
  });

  it('goes on with the other clients where an invariant breaks', () => {
    const { driver, notes, from, news } = bench();
    driver.start({ type: 'tick' });
    from('s', connectFrame('s'));
    driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    news();
    driver.feed({
      type: 'upstream-message',
      connection: 1,
      topic: 'a',
      payload: undefined as never,
      packetId: 0,
      qos: 0,
      retain: false,
      dup: false,
    });
    expect(notes.map(({ type }) => type)).toContain('session-failed');
    expect(news()).toEqual(['s < 0218', '#1 DISCONNECT']);
    from('t', connectFrame('t'));
    expect(news()).toEqual(['#2 CONNECT t clean']);
  });
});
