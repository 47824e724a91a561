import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import { S1 } from '../support/core-bench-frames.ts';

const MAX = 60;

function bench(): CoreBench {
  const core = new CoreBench();
  core.open('udp', { maxFrame: MAX, maxReceived: MAX });
  return core;
}

function connected(): CoreBench {
  const core = bench();
  core.connect('s', 's1');
  core.from('s', S1.register);
  return core;
}

const long = 'n'.repeat(MAX);

describe('a frame that is longer than its transport takes (T-43)', () => {
  it('is done where it is just as long as it may be', () => {
    const payload = 'x'.repeat(MAX - 7);
    expect(connected().from('s', frame('0c 20 0001 0007', payload))).toEqual([`#1 PUBLISH qos1 id1 a/b "${payload}"`]);
  });

  it.each([
    ['PUBLISH with QoS 1', frame('0c 20 0001 0007', long), 's < 070d0001000703'],
    ['PUBLISH with QoS 0', frame('0c 00 0001 0000', long), 's < 070d0001000003'],
    ['REGISTER', frame('0a 0000 0002', long), 's < 070b0000000203'],
    ['SUBSCRIBE', frame('12 20 0003', long), 's < 0813000000000303'],
    ['WILLTOPICUPD', frame('1a 00', long), 's < 031b03'],
    ['WILLMSGUPD', frame('1c', long), 's < 031d03'],
    ['CONNECT', frame('04 04 01 003c', long), 's < 030503'],
  ])('%s: 0x03, and nothing else happens', (_type, request, answer) => {
    const core = connected();
    expect(core.from('s', request)).toEqual([answer]);
    expect(core.core.sessionCount).toBe(1);
    expect(core.from('s', S1.pingReq)).toEqual(['s < 0217']);
  });

  it.each([
    ['WILLTOPIC', [S1.connectCleanWill], frame('07 00', long)],
    ['WILLMSG', [S1.connectCleanWill, S1.willTopic], frame('09', long)],
  ])('%s: CONNACK 0x03', (_type, before, request) => {
    const core = bench();
    for (const each of before) {
      core.from('s', each);
    }
    expect(core.from('s', request)).toEqual(['s < 030503']);
    expect(core.core.sessionCount).toBe(0);
  });

  it.each([
    ['a PUBLISH with QoS −1', frame('0c 62 7470 0000', long)],
    ['an UNSUBSCRIBE, for which there is no code', frame('14 00 0004', long)],
  ])('%s is dropped and counted', (_what, request) => {
    const core = connected();
    expect(core.from('s', request)).toEqual([]);
    expect(core.notes).toMatchObject([{ type: 'frame-dropped', reason: 'tooLong' }]);
  });

  it('counts with the encapsulation of a forwarder, and is answered through it', () => {
    const core = bench();
    core.from('f', `04 FE 00 07 ${S1.connectClean}`);
    core.up(1);
    core.from('f', `04 FE 00 07 ${S1.register}`);
    const publish = frame('0c 20 0001 0007', 'x'.repeat(MAX - 7));
    expect(core.from('f', `04 FE 00 07 ${publish}`)).toEqual(['f < 04fe0007070d0001000703']);
  });

  it('of an unknown sender is dropped', () => {
    expect(bench().from('u', frame('0c 20 0001 0007', long))).toEqual([]);
  });

  it('is taken from a transport without such a limit', () => {
    const core = connected();
    core.open('xbee');
    core.connect('xbee:1', 'x1');
    expect(core.from('xbee:1', frame('0a 0000 0002', long))).toEqual(['xbee:1 < 070b0001000200']);
  });
});
