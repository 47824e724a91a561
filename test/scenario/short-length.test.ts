import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { S1 } from '../support/core-bench-frames.ts';

const X = '78';
/** PUBLISH QoS 1 for topic id 1, MsgId 7: 258 octets that claim 256. */
const CLAIMS_256 = `01 01 00 0C 20 00 01 00 07 ${X.repeat(249)}`;

function bench(frames: { trailing?: 'drop' | 'ignore' | 'parse'; tolerateShortLength?: boolean }): CoreBench {
  const core = new CoreBench({ settings: { frames } });
  core.connect('s', 's1');
  core.from('s', S1.register);
  return core;
}

const whole = (octets: number) => [`#1 PUBLISH qos1 id1 a/b "${'x'.repeat(octets)}"`];

describe('a long frame whose Length says 2 to 4 octets too few (T-41)', () => {
  it.each(['drop', 'ignore'] as const)('is taken whole with trailing: %s', (trailing) => {
    expect(bench({ trailing }).from('s', CLAIMS_256)).toEqual(whole(249));
  });

  it.each(['drop', 'ignore'] as const)(
    'is dropped with trailing: %s where it is not tolerated, for a payload that was cut is never acknowledged',
    (trailing) => {
      const core = bench({ trailing, tolerateShortLength: false });
      expect(core.from('s', CLAIMS_256)).toEqual([]);
      expect(core.notes).toMatchObject([{ type: 'frame-dropped', reason: 'trailing' }]);
    },
  );

  it('is taken whole behind a forwarder', () => {
    const core = bench({ trailing: 'ignore' });
    core.from('f', `04 FE 00 01 ${S1.connectClean.replaceAll('73 31', '73 32')}`);
    core.up(2);
    core.from('f', `04 FE 00 01 ${S1.register}`);
    expect(core.from('f', `04 FE 00 01 ${CLAIMS_256}`)).toEqual([`#2 PUBLISH qos1 id1 a/b "${'x'.repeat(249)}"`]);
  });

  describe('with trailing: parse, where what follows may be messages', () => {
    it('is dropped where it does not end in whole ones, and those before it are done', () => {
      const core = bench({ trailing: 'parse' });
      expect(core.from('s', `02 16 ${CLAIMS_256}`)).toEqual(['s < 0217']);
      expect(core.notes).toMatchObject([{ type: 'frame-dropped', reason: 'trailing' }]);
      expect(core.from('s', `${CLAIMS_256} 02 16`)).toEqual([]);
      expect(core.from('s', `${CLAIMS_256} 0D 0C`)).toEqual([]);
    });

    it('is believed where whole messages follow, and they are done', () => {
      const honest = `01 01 00 0C 20 00 01 00 07 ${X.repeat(247)}`;
      expect(bench({ trailing: 'parse' }).from('s', `${honest} 02 16`)).toEqual([...whole(247), 's < 0217']);
      expect(bench({ trailing: 'parse' }).from('s', honest)).toEqual(whole(247));
      expect(bench({ trailing: 'parse' }).from('s', `${honest} ${honest.replace('00 07', '00 08')} 02 16`)).toEqual([
        ...whole(247),
        `#1 PUBLISH qos1 id2 a/b "${'x'.repeat(247)}"`,
        's < 0217',
      ]);
    });

    it('behind a forwarder is no different', () => {
      const core = bench({ trailing: 'parse' });
      expect(core.from('f', `04 FE 00 01 ${CLAIMS_256}`)).toEqual([]);
      expect(core.notes).toMatchObject([{ type: 'frame-dropped', reason: 'trailing' }]);
    });
  });
});
