/**
 * The states (2.15) as a bench can reach them, and how a test tells from outside in which one it is.
 *
 * In every state the gateway's own connection is #1, the client is `s1` at the link `s`, and the next connection will be #3, save
 * in `broker`, where #3 is being opened. A session is "kept" (CleanSession=0), on #2, with "a/b" as id 1 and "c/d" subscribed as id 2.
 */
import { CoreBench } from './core-bench.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from './core-bench-frames.ts';

/** `topic`, `message`, `broker`: a clean CONNECT with Will waits for WILLTOPIC, for WILLMSG, for the broker. */
export const STATES = [
  'unknown',
  'disconnected',
  'lost',
  'topic',
  'message',
  'broker',
  'active',
  'asleep',
  'awake',
] as const;
export type State = (typeof STATES)[number];

/** What can be told apart from outside: without a session that is in use, a client is `gone`. */
export type Situation = 'gone' | 'topic' | 'message' | 'broker' | 'active' | 'asleep' | 'awake';

export function situationOf(state: State): Situation {
  return state === 'unknown' || state === 'disconnected' || state === 'lost' ? 'gone' : state;
}

/** A bench with `s1` in this state. A sleeper has one message of QoS 1 waiting (#2, id9); when awake it has been sent as MsgId 1. */
export function benchIn(state: State): CoreBench {
  const bench = new CoreBench();
  openOwnConnection(bench);
  switch (state) {
    case 'unknown':
    case 'topic':
    case 'message':
    case 'broker':
      bench.connect('z', 'z1');
      bench.from('z', S1.disconnect);
      break;
    default:
      keepSession(bench);
  }
  switch (state) {
    case 'disconnected':
      bench.from('s', S1.disconnect);
      break;
    case 'lost':
      bench.pass(90_001);
      break;
    case 'topic':
      bench.from('s', S1.connectCleanWill);
      break;
    case 'message':
      bench.from('s', S1.connectCleanWill);
      bench.from('s', S1.willTopic);
      break;
    case 'broker':
      exchangeWill(bench);
      break;
    case 'asleep':
    case 'awake':
      bench.from('s', S1.sleep300);
      bench.message(2, 'c/d', 'm', { qos: 1, packetId: 9 });
      if (state === 'awake') {
        bench.from('s', S1.pingReqId);
      }
      break;
    case 'unknown':
    case 'active':
  }
  return bench;
}

/** Tells the situation of `s1` by what the gateway does next; the last thing to do with a bench. */
export function probe(bench: CoreBench): Situation {
  const repeated = bench.pass(10_001).join('\n');
  if (/^s < 0206$/m.test(repeated)) {
    return 'topic';
  }
  if (/^s < 0208$/m.test(repeated)) {
    return 'message';
  }
  if (/^s < 030501$/m.test(repeated)) {
    return 'broker'; // a CONNECT waits for the broker no longer than T_retry (3.5, 3.6)
  }
  const elsewhere = bench.from('elsewhere', S1.pingReqId);
  if (elsewhere[0] !== 'elsewhere < 0218') {
    return /^s < /m.test(repeated) ? 'awake' : 'asleep';
  }
  const here = bench.from('s', S1.pingReq);
  return here.includes('s < 0217') ? 'active' : 'gone';
}

/** Effect lines in one state; without `becomes` the situation stays as it is. */
export interface Cell {
  readonly lines: readonly string[];
  readonly becomes?: Situation;
}

/** One event and what comes of it. `gone`, `connecting` and `served` stand for three states each; a state's own cell overrules. */
export interface Row extends Partial<Readonly<Record<State, Cell>>> {
  readonly event: string;
  readonly act: string | ((bench: CoreBench) => string[]);
  readonly gone?: Cell;
  readonly connecting?: Cell;
  readonly served?: Cell;
}

const GROUP = {
  unknown: 'gone',
  disconnected: 'gone',
  lost: 'gone',
  topic: 'connecting',
  message: 'connecting',
  broker: 'connecting',
  active: 'served',
  asleep: 'served',
  awake: 'served',
} as const;

/** One line for each state × event pair: event, state, lines, situation afterwards, what to do. */
export function pairs(rows: readonly Row[]): (readonly [string, State, readonly string[], Situation, Row['act']])[] {
  return rows.flatMap((row) =>
    STATES.map((state) => {
      const cell = row[state] ?? row[GROUP[state]];
      if (cell === undefined) {
        throw new Error(`${row.event} in state ${state} is missing`);
      }
      return [row.event, state, cell.lines, cell.becomes ?? situationOf(state), row.act] as const;
    }),
  );
}

/** Feeds an event: a frame of `s1`, or anything else. */
export function perform(bench: CoreBench, act: Row['act']): string[] {
  return typeof act === 'string' ? bench.from('s', act) : act(bench);
}
