import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ModuleFacts } from '../../../../src/transport/xbee/codec/module-facts.ts';
import { ModuleQuery } from '../../../../src/transport/xbee/module-query.ts';
import { octetsOf } from '../../../support/raw-sensor.ts';

const NONE = octetsOf('');
const NOTHING: ModuleFacts = {
  address: undefined,
  kind: undefined,
  hardware: undefined,
  firmware: undefined,
  maxPayload: undefined,
  apiMode: undefined,
};

/** What an XBee 3 with Zigbee firmware says of itself. */
const ZIGBEE: readonly (readonly [string, string])[] = [
  ['AP', '02'],
  ['SH', '00 13 a2 00'],
  ['SL', '40 0a 01 27'],
  ['HV', '41 42'],
  ['VR', '10 0a'],
  ['NP', '00 54'],
];

function bench() {
  const asked: string[] = [];
  const done: ModuleFacts[] = [];
  let silences = 0;
  const query = new ModuleQuery({
    ask: (command) => asked.push(command),
    done: (facts) => done.push(facts),
    silent: () => silences++,
  });
  const answer = (commands: readonly (readonly [string, string])[]): void => {
    for (const [command, value] of commands) {
      query.answered(command, 0, octetsOf(value));
    }
  };
  /** What has been asked since the last call. */
  const news = (): string[] => asked.splice(0).toSorted();
  return { query, done, answer, news, silences: () => silences };
}

describe('questions to a module', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('tell what it is when every answer is there', () => {
    const { query, done, answer, news } = bench();
    query.start();
    expect(news()).toEqual(['AP', 'HV', 'NP', 'SH', 'SL', 'VR']);
    answer(ZIGBEE);
    expect(done).toEqual([
      { address: '0013a200400a0127', kind: 'Zigbee', hardware: '4142', firmware: '100a', maxPayload: 84, apiMode: 2 },
    ]);
    jest.advanceTimersByTime(60_000);
    expect(news()).toEqual([]);
    expect(done).toHaveLength(1);
  });

  it('take digits that a module leaves out for zeros', () => {
    const { query, done, answer } = bench();
    query.start();
    answer(ZIGBEE.map(([command, value]) => [command, { SH: '13 a2 00', SL: '0a 01 27' }[command] ?? value]));
    expect(done[0]?.address).toBe('0013a200000a0127');
  });

  it('do not wait for a command that the module does not know', () => {
    const { query, done, answer } = bench();
    query.start();
    answer([
      ['SH', '00 13 a2 00'],
      ['SL', '12 34 56 78'],
      ['HV', '17 44'],
      ['VR', '10 ec'],
    ]);
    expect(done).toEqual([]);
    query.answered('NP', 2, NONE);
    expect(done).toEqual([
      {
        address: '0013a20012345678',
        kind: '802.15.4',
        hardware: '1744',
        firmware: '10ec',
        maxPayload: undefined,
        apiMode: undefined,
      },
    ]);
  });

  it('do not take a refusal for an answer', () => {
    const { query, done, answer } = bench();
    query.start();
    answer(ZIGBEE.filter(([command]) => command !== 'HV'));
    query.answered('HV', 1, NONE);
    expect(done).toMatchObject([{ hardware: undefined, kind: undefined, firmware: '100a' }]);
  });

  it('do not take a largest payload of 0 for one', () => {
    const { query, done, answer } = bench();
    query.start();
    answer(ZIGBEE.map(([command, value]) => [command, command === 'NP' ? '00 00' : value]));
    expect(done[0]?.maxPayload).toBeUndefined();
  });

  it('do not wait for AP, which a module may leave out', () => {
    const { query, done, answer } = bench();
    query.start();
    answer(ZIGBEE.filter(([command]) => command !== 'AP'));
    expect(done).toHaveLength(1);
  });

  it('are repeated after half a second where an answer is missing', () => {
    const { query, done, answer, news } = bench();
    query.start();
    news();
    answer(ZIGBEE.filter(([command]) => command !== 'VR' && command !== 'SL'));
    jest.advanceTimersByTime(499);
    expect(news()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(news()).toEqual(['SL', 'VR']);
    answer([['VR', '10 0a']]);
    jest.advanceTimersByTime(500);
    expect(news()).toEqual(['SL']);
    expect(done).toEqual([]);
    answer([['SL', '40 0a 01 27']]);
    expect(done.map(({ address }) => address)).toEqual(['0013a200400a0127']);
  });

  it('go without the answers that do not come in three rounds', () => {
    const { query, done, answer, news, silences } = bench();
    query.start();
    answer([['HV', '21 43']]);
    jest.advanceTimersByTime(1_499);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(done).toEqual([{ ...NOTHING, hardware: '2143', kind: 'Zigbee' }]);
    news();
    jest.advanceTimersByTime(60_000);
    expect([news(), done.length, silences()]).toEqual([[], 1, 0]);
  });

  it('say that a module is silent, and go on asking it everything', () => {
    const { query, done, answer, news, silences } = bench();
    query.start();
    jest.advanceTimersByTime(1_499);
    expect(silences()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(silences()).toBe(1);
    news();
    jest.advanceTimersByTime(2_999);
    expect(news()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(news()).toEqual(['AP', 'HV', 'NP', 'SH', 'SL', 'VR']);
    jest.advanceTimersByTime(1_500);
    expect(silences()).toBe(2);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(3_000);
    answer(ZIGBEE);
    expect(done).toHaveLength(1);
  });

  it('take answers that come when the module has been taken for silent', () => {
    const { query, done, answer } = bench();
    query.start();
    jest.advanceTimersByTime(2_000);
    answer(ZIGBEE);
    expect(done).toHaveLength(1);
    jest.advanceTimersByTime(60_000);
    expect(done).toHaveLength(1);
  });

  it('are asked anew after a reset, whatever was known before', () => {
    const { query, done, answer, news } = bench();
    query.start();
    answer(ZIGBEE);
    news();
    query.start();
    expect(news()).toEqual(['AP', 'HV', 'NP', 'SH', 'SL', 'VR']);
    expect(query.facts).toEqual(NOTHING);
    answer(ZIGBEE.map(([command, value]) => [command, command === 'NP' ? '00 ff' : value]));
    expect(done.map(({ maxPayload }) => maxPayload)).toEqual([84, 255]);
  });

  it('that are started twice are asked in one rhythm', () => {
    const { query, news } = bench();
    query.start();
    jest.advanceTimersByTime(300);
    query.start();
    news();
    jest.advanceTimersByTime(499);
    expect(news()).toEqual([]);
  });

  it('end where they are stopped, and what is known stays known', () => {
    const { query, done, answer, news, silences } = bench();
    query.start();
    answer([['HV', '41 42']]);
    query.stop();
    news();
    answer(ZIGBEE);
    jest.advanceTimersByTime(60_000);
    expect([news(), done, silences()]).toEqual([[], [], 0]);
    expect(query.facts).toEqual({ ...NOTHING, hardware: '4142', kind: 'Zigbee' });
  });

  it('may be stopped by the one who is told of the silence', () => {
    const asked: string[] = [];
    const query: ModuleQuery = new ModuleQuery({
      ask: (command) => asked.push(command),
      done: () => undefined,
      silent: () => query.stop(),
    });
    query.start();
    jest.advanceTimersByTime(1_500);
    asked.length = 0;
    jest.advanceTimersByTime(60_000);
    expect(asked).toEqual([]);
  });

  it('do not go on where a module answers in the instant in which it is asked', () => {
    const done: ModuleFacts[] = [];
    const values = new Map(ZIGBEE);
    const query: ModuleQuery = new ModuleQuery({
      ask: (command) => query.answered(command, 0, octetsOf(values.get(command) ?? '')),
      done: (facts) => done.push(facts),
      silent: () => undefined,
    });
    query.start();
    jest.advanceTimersByTime(60_000);
    expect(done).toHaveLength(1);
  });
});
