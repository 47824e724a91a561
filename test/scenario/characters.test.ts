import { describe, expect, it } from '@jest/globals';
import { type BenchOptions, CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { openOwnConnection, S1 } from '../support/core-bench-frames.ts';

/** U+0001, U+001F, U+007F, U+009F, U+FDD0, U+FFFE, U+1FFFF. */
const FORBIDDEN = ['\u0001', '\u001f', '\u007f', '\u009f', '\ufdd0', '\ufffe', '\u{1ffff}'];

function connected(options: BenchOptions = {}): CoreBench {
  const bench = new CoreBench(options);
  bench.connect('s', 's1');
  return bench;
}

const UTF8: BenchOptions = { settings: { clients: { names: 'utf8' } } };

describe('characters for which a broker may close the connection (T-48)', () => {
  it.each(FORBIDDEN)('are refused in a topic name that is registered: %j (R-9)', (character) => {
    const register = frame('0A 0000 0001', `a${character}`);
    expect(connected().from('s', register)).toEqual(['s < 070b0000000103']);
    expect(connected(UTF8).from('s', register)).toEqual(['s < 070b0001000100']);
  });

  it.each(FORBIDDEN)('are refused in a filter: %j (U-8)', (character) => {
    const subscribe = frame('12 20 0004', `a${character}/#`);
    expect(connected().from('s', subscribe)).toEqual(['s < 08130000000004' + '03']);
    expect(connected(UTF8).from('s', subscribe)).toEqual([`#1 SUBSCRIBE id1 a${character}/# qos1`]);
  });

  it.each([
    ['SUBSCRIBE', '12 20 0004', 'a/#/b', '# must be the last level of a topic filter, alone'],
    ['REGISTER', '0A 0000 0001', 'a/+', 'a topic name must not contain the wildcards + or #'],
  ])('the log names what %s asked for, where that is none', (message, head, topic, reason) => {
    const bench = connected();
    bench.from('s', frame(head, topic));
    expect(bench.notes).toMatchObject([{ type: 'request-rejected', message, topic, reason }]);
  });

  it.each(FORBIDDEN)('are refused in a will topic: %j (W-6)', (character) => {
    const dialogue = (options: BenchOptions) => {
      const bench = new CoreBench(options);
      bench.from('s', S1.connectCleanWill);
      return bench.from('s', frame('07 30', `w${character}`));
    };
    expect(dialogue({})).toEqual(['s < 030503']);
    expect(dialogue(UTF8)).toEqual(['s < 0208']);
    const update = frame('1A 00', `w${character}`);
    expect(connected().from('s', update)).toEqual(['s < 031b03']);
    expect(connected(UTF8).from('s', update)).toEqual(['s < 031b00']);
  });

  it.each(FORBIDDEN)('are refused in a client id: %j (T-02)', (character) => {
    const connect = connectFrame(`c${character}`);
    const bench = new CoreBench();
    expect(bench.from('s', connect)).toEqual(['s < 030503']);
    expect(bench.core.sessionCount).toBe(0);
    expect(new CoreBench(UTF8).from('s', connect)).toEqual([`#1 CONNECT c${character} clean`]);
  });

  it('are refused in short names, published and subscribed (T-17)', () => {
    const publish = '08 0C 22 01 02 00 05 78';
    const subscribe = '07 12 22 00 06 01 02';
    expect(connected().from('s', publish)).toEqual(['s < 070d0102000503']);
    expect(connected().from('s', subscribe)).toEqual(['s < 0813000000000603']);
    expect(connected(UTF8).from('s', publish)).toEqual(['#1 PUBLISH qos1 id1 \u0001\u0002 "x"']);
    expect(connected(UTF8).from('s', subscribe)).toEqual(['#1 SUBSCRIBE id1 \u0001\u0002 qos1']);
  });

  it('are refused in pre-defined names, published and subscribed', () => {
    const predefined = { '*': { 1: 'a\u0007' } };
    const publish = '08 0C 21 00 01 00 05 78';
    const subscribe = '07 12 21 00 06 00 01';
    expect(connected({ predefined }).from('s', publish)).toEqual(['s < 070d0001000503']);
    expect(connected({ predefined }).from('s', subscribe)).toEqual(['s < 0813000000000603']);
    expect(connected({ predefined, ...UTF8 }).from('s', publish)).toEqual(['#1 PUBLISH qos1 id1 a\u0007 "x"']);
  });

  it('drop a publish with QoS −1, so that it does not cut the connection of all the others', () => {
    const bench = new CoreBench({ settings: { clients: { qosMinus1LongNames: true } } });
    openOwnConnection(bench);
    expect(bench.from('s', '08 0C 62 01 02 00 00 78')).toEqual([]);
    expect(bench.notes).toMatchObject([{ type: 'client-publish-dropped', reason: 'short topic name is not valid' }]);
    expect(bench.from('s', '0A 0C 60 00 02 00 00 61 01 78')).toEqual([]);
    expect(bench.notes).toMatchObject([{ reason: 'a topic name must not contain U+0001' }]);
    expect(bench.from('s', S1.publishQosMinus1)).toEqual(['#1 PUBLISH qos0 tp "4"']);
  });

  it('pass where the broker itself delivers them, and back to it', () => {
    const bench = connected();
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 1, 1);
    expect(bench.message(1, 'g/\u0007', 'x')).toEqual([`s < ${frame('0A 0001 0001', 'g/\u0007')}`]);
    expect(bench.from('s', '07 0B 00 01 00 01 00')).toEqual([`s < ${frame('0C 00 0001 0000', 'x')}`]);
    expect(bench.from('s', '08 0C 00 00 01 00 00 79')).toEqual(['#1 PUBLISH qos0 g/\u0007 "y"']);
  });
});
