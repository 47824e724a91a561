import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, S1 } from '../support/core-bench-frames.ts';

const WILLMSG = '05 09 6F 66 66'; // "off", as in exchangeWill
const CONNACK = 's < 030500';

/** `s1`, connected with a will. */
function connected(): CoreBench {
  const bench = new CoreBench();
  exchangeWill(bench, S1.connectKeepWill);
  expect(bench.up(1)).toEqual([CONNACK]);
  return bench;
}

describe('the end of a will dialogue whose CONNACK was lost (2.12: duplicates are idempotent, I-28)', () => {
  it('is repeated by the client with WILLMSG, and answered with CONNACK once more', () => {
    const bench = connected();
    expect(bench.from('s', WILLMSG)).toEqual([CONNACK]);
    expect(bench.notes).toMatchObject([{ type: 'duplicate-absorbed', message: 'WILLMSG' }]);
    expect(bench.from('s', WILLMSG)).toEqual([CONNACK]);
  });

  it('is the empty WILLTOPIC where the client has deleted its will', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectKeepWill);
    bench.from('s', '02 07');
    expect(bench.up(1)).toEqual([CONNACK]);
    expect(bench.from('s', '02 07')).toEqual([CONNACK]);
    expect(bench.from('s', WILLMSG)).toEqual([]); // C-9
  });

  it('is not another WILLMSG, nor WILLTOPIC: these are ignored (C-9)', () => {
    const bench = connected();
    expect(bench.from('s', '05 09 6F 6E 6E')).toEqual([]);
    expect(bench.from('s', WILLMSG)).toEqual([]); // something else has been heard since
    expect(bench.from('s', '02 07')).toEqual([]);
  });

  it('is over when anything else has been heard, or after T_retry·(N_retry+1)', () => {
    const bench = connected();
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
    expect(bench.from('s', WILLMSG)).toEqual([]);
    const late = connected();
    late.pass(40_001);
    expect(late.from('s', WILLMSG)).toEqual([]);
  });

  it('is none where there was no dialogue', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    expect(bench.from('s', WILLMSG)).toEqual([]);
    expect(bench.from('s', '02 07')).toEqual([]);
  });
});

describe('a client that has lost its memory in the will dialogue, and repeats its CONNECT faster than T_retry (C-7, C-8)', () => {
  it('gets the present request again, and a new dialogue when this one is over: it is not asked for the message for ever', () => {
    const bench = new CoreBench();
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(bench.from('s', '05 07 00 77 31')).toEqual(['s < 0208']);
    let asked = '';
    for (let seconds = 0; seconds < 60 && asked !== 's < 0206'; seconds += 5) {
      bench.pass(5_000);
      asked = bench.from('s', S1.connectKeepWill).join();
    }
    expect(asked).toBe('s < 0206');
  });
});
