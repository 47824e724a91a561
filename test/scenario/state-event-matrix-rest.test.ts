/** 2.15, second half: what only a gateway may send, time and the broker, in every state; and the table of the states themselves. */
import { describe, expect, it } from '@jest/globals';
import type { ClientState } from '../../src/core/contract/client-state.ts';
import { nextState, type StateEvent, TRANSITIONS } from '../../src/core/state/client-state.ts';
import { benchIn, type Cell, pairs, perform, probe, type Row } from '../support/core-bench-states.ts';

const nothing: Cell = { lines: [] };

/** No client sends these; another gateway on the same network may (T-11). */
const gatewayOnly: readonly Row[] = (
  [
    ['ADVERTISE', '05 00 09 03 84'],
    ['GWINFO', '03 02 09'],
    ['CONNACK', '03 05 00'],
    ['WILLTOPICREQ', '02 06'],
    ['WILLMSGREQ', '02 08'],
    ['SUBACK', '08 13 20 00 02 00 04 00'],
    ['UNSUBACK', '04 15 00 05'],
    ['WILLTOPICRESP', '03 1B 00'],
    ['WILLMSGRESP', '03 1D 00'],
    ['a reserved type', '02 03'],
    ['a malformed frame', '06 0C 00 00 01 00'],
    ['an empty datagram', ''],
  ] as const
).map(([event, act]) => ({ event, act, gone: nothing, connecting: nothing, served: nothing }));

const time: readonly Row[] = [
  {
    event: 'keep-alive or sleep limit',
    act: (bench) => bench.pass(330_001),
    gone: nothing,
    topic: { lines: ['s < 0206', 's < 0206', 's < 0206'], becomes: 'gone' },
    message: { lines: ['s < 0208', 's < 0208', 's < 0208'], becomes: 'gone' },
    broker: { lines: ['s < 030501', '#3 DISCONNECT'], becomes: 'gone' },
    active: { lines: ['#2 close without DISCONNECT'], becomes: 'gone' },
    asleep: { lines: ['#2 close without DISCONNECT'], becomes: 'gone' },
    awake: {
      lines: ['s < 080ca0000200016d', 's < 080ca0000200016d', 's < 080ca0000200016d', '#2 close without DISCONNECT'],
      becomes: 'gone',
    },
  },
  {
    event: 'N_retry exhausted',
    act: (bench) => bench.pass(40_001),
    gone: nothing,
    topic: { lines: ['s < 0206', 's < 0206', 's < 0206'], becomes: 'gone' },
    message: { lines: ['s < 0208', 's < 0208', 's < 0208'], becomes: 'gone' },
    broker: { lines: ['s < 030501', '#3 DISCONNECT'], becomes: 'gone' },
    active: nothing,
    asleep: nothing,
    awake: { lines: ['s < 080ca0000200016d', 's < 080ca0000200016d', 's < 080ca0000200016d'], becomes: 'asleep' },
  },
];

const broker: readonly Row[] = [
  {
    event: 'message from upstream',
    act: (bench) => bench.message(2, 'c/d', 'q'),
    gone: nothing,
    connecting: nothing,
    active: { lines: ['s < 080c000002000071'] },
    asleep: nothing,
    awake: nothing,
  },
  {
    event: 'upstream connection lost',
    act: (bench) => bench.down(2),
    gone: nothing,
    connecting: nothing,
    served: nothing,
  },
  {
    event: 'the broker accepts',
    act: (bench) => bench.up(3),
    gone: nothing,
    topic: nothing,
    message: nothing,
    broker: { lines: ['s < 030500'], becomes: 'active' },
    served: nothing,
  },
  {
    event: 'the broker refuses',
    act: (bench) => bench.refused(3, 5),
    gone: nothing,
    topic: nothing,
    message: nothing,
    broker: { lines: ['s < 030503'], becomes: 'gone' },
    served: nothing,
  },
  {
    event: 'tick',
    act: (bench) => bench.feed({ type: 'tick' }),
    gone: nothing,
    connecting: nothing,
    served: nothing,
  },
];

describe.each([
  ['messages of gateways, and nonsense', gatewayOnly],
  ['time', time],
  ['the broker', broker],
])('state × event (2.15): %s', (_, rows) => {
  it.each(pairs(rows))('%s in state %s: %j, then %s', (_event, state, lines, then, act) => {
    const bench = benchIn(state);
    expect(perform(bench, act)).toEqual(lines);
    expect(probe(bench)).toBe(then);
  });
});

describe('the states of a client (6.14, Fig. 4)', () => {
  const states: readonly ClientState[] = ['disconnected', 'active', 'asleep', 'awake', 'lost'];

  /** Where each event leads from the states above, in that order; `=` where it must change nothing. */
  const table: Readonly<Record<StateEvent, readonly (ClientState | '=')[]>> = {
    accepted: ['active', '=', 'active', 'active', 'active'],
    restarted: ['=', 'disconnected', 'disconnected', 'disconnected', '='],
    disconnected: ['=', 'disconnected', 'disconnected', 'disconnected', '='],
    slept: ['=', 'asleep', 'asleep', 'asleep', '='],
    woke: ['=', '=', 'awake', '=', '='],
    rested: ['=', '=', '=', 'asleep', '='],
    'fell-silent': ['=', 'lost', 'lost', 'lost', '='],
  };

  const cases = (Object.keys(table) as StateEvent[]).flatMap((event) =>
    states.map((state, index) => {
      const to = table[event][index];
      return [state, event, to === '=' || to === undefined ? state : to] as const;
    }),
  );

  it.each(cases)('%s, %s: %s', (state, event, expected) => {
    expect(nextState(state, event)).toBe(expected);
  });

  it('lists every state and no event that is not in this table', () => {
    expect(Object.keys(TRANSITIONS).toSorted()).toEqual(states.toSorted());
    const events = new Set(Object.values(TRANSITIONS).flatMap((row) => Object.keys(row)));
    expect([...events].toSorted()).toEqual(Object.keys(table).toSorted());
  });
});
