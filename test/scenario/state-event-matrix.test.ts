/** 2.15, first half: what a client may send, in every state. Every pair is one test; see core-bench-states.ts for the states. */
import { describe, expect, it } from '@jest/globals';
import { S1 } from '../support/core-bench-frames.ts';
import {
  benchIn,
  type Cell,
  pairs,
  perform,
  probe,
  type Row,
  STATES,
  situationOf,
} from '../support/core-bench-states.ts';

const nothing: Cell = { lines: [] };
const disconnect: Cell = { lines: ['s < 0218'] };
/** The message that waits for a sleeper: first transmission and retransmission. */
const waiting = 's < 080c20000200016d';
const waitingAgain = 's < 080ca0000200016d';

const connects: readonly Row[] = [
  {
    event: 'CONNECT clean, no will',
    act: S1.connectClean,
    gone: { lines: ['#3 CONNECT s1 clean'], becomes: 'broker' },
    connecting: { lines: ['#3 CONNECT s1 clean'], becomes: 'broker' },
    broker: { lines: ['#3 DISCONNECT', '#4 CONNECT s1 clean'] },
    served: { lines: ['#2 DISCONNECT', '#3 CONNECT s1 clean'], becomes: 'broker' },
  },
  {
    event: 'CONNECT keep, no will',
    act: S1.connectKeep,
    gone: { lines: ['#3 CONNECT s1'], becomes: 'broker' },
    connecting: { lines: ['#3 CONNECT s1'], becomes: 'broker' },
    broker: { lines: ['#3 DISCONNECT', '#4 CONNECT s1'] },
    active: { lines: ['#2 DISCONNECT', '#3 CONNECT s1'], becomes: 'broker' },
    asleep: { lines: ['s < 030500', waiting], becomes: 'active' },
    awake: { lines: ['s < 030500', waitingAgain], becomes: 'active' },
  },
  {
    event: 'CONNECT clean, with will',
    act: S1.connectCleanWill,
    gone: { lines: ['s < 0206'], becomes: 'topic' },
    topic: { lines: ['s < 0206'] },
    message: { lines: ['s < 0208'] },
    broker: nothing,
    served: { lines: ['#2 DISCONNECT', 's < 0206'], becomes: 'topic' },
  },
  {
    event: 'CONNECT keep, with will',
    act: S1.connectKeepWill,
    gone: { lines: ['s < 0206'], becomes: 'topic' },
    connecting: { lines: ['s < 0206'], becomes: 'topic' },
    broker: { lines: ['#3 DISCONNECT', 's < 0206'], becomes: 'topic' },
    active: { lines: ['#2 DISCONNECT', 's < 0206'], becomes: 'topic' },
    asleep: { lines: ['s < 0206'], becomes: 'topic' },
    awake: { lines: ['s < 0206'], becomes: 'topic' },
  },
  {
    event: 'CONNECT with ProtocolId 2',
    act: '08 04 04 02 00 3C 73 31',
    gone: { lines: ['s < 030503'] },
    connecting: { lines: ['s < 030503'] },
    served: { lines: ['s < 030503'] },
  },
  {
    event: 'WILLTOPIC',
    act: S1.willTopic,
    gone: disconnect,
    topic: { lines: ['s < 0208'], becomes: 'message' },
    message: nothing,
    broker: nothing,
    served: nothing,
  },
  {
    event: 'empty WILLTOPIC',
    act: S1.emptyWillTopic,
    gone: disconnect,
    topic: { lines: ['#3 CONNECT s1 clean'], becomes: 'broker' },
    message: nothing,
    broker: nothing,
    served: nothing,
  },
  {
    event: 'WILLMSG',
    act: S1.willMsg,
    gone: disconnect,
    topic: nothing,
    message: { lines: ['#3 CONNECT s1 clean will w/s1 "off" qos1 retain'], becomes: 'broker' },
    broker: nothing,
    served: nothing,
  },
];

/** DISC · – · process, in all three states in which the client is served (SL-14). */
const request = (event: string, act: string, lines: string[]): Row => ({
  event,
  act,
  gone: disconnect,
  connecting: nothing,
  served: { lines },
});

const requests: readonly Row[] = [
  request('REGISTER', '09 0A 00 00 00 09 61 2F 62', ['s < 070b0001000900']),
  request('REGISTER of a wildcard', '09 0A 00 00 00 09 61 2F 23', ['s < 070b0000000903']),
  request('SUBSCRIBE', '08 12 20 00 09 65 2F 66', ['#2 SUBSCRIBE id2 e/f qos1']),
  request('SUBSCRIBE of an unknown pre-defined id', '07 12 01 00 09 00 0A', ['s < 0813000000000902']),
  request('UNSUBSCRIBE', '08 14 00 00 09 63 2F 64', ['#2 UNSUBSCRIBE id2 c/d']),
  request('WILLTOPICUPD', S1.willTopicUpd, ['s < 031b00']),
  request('WILLMSGUPD', S1.willMsgUpd, ['s < 031d00']),
  request('PUBLISH QoS 0', S1.publishQos0, ['#2 PUBLISH qos0 a/b "x"']),
  request('PUBLISH QoS 1', S1.publishQos1, ['#2 PUBLISH qos1 id2 a/b "x"']),
  request('PUBLISH QoS 2', S1.publishQos2, ['#2 PUBLISH qos2 id2 a/b "x"']),
  request('PUBLISH with an unknown topic id', '08 0C 00 00 63 00 00 78', ['s < 070d0063000002']),
  {
    event: 'PUBLISH QoS −1',
    act: S1.publishQosMinus1,
    gone: { lines: ['#1 PUBLISH qos0 tp "4"'] },
    connecting: { lines: ['#1 PUBLISH qos0 tp "4"'] },
    served: { lines: ['#1 PUBLISH qos0 tp "4"'] },
  },
];

/** Acknowledgements: ignored where nobody is served. */
const acknowledgement = (event: string, act: string, served: Cell, more: Partial<Row> = {}): Row => ({
  event,
  act,
  gone: nothing,
  connecting: nothing,
  served,
  ...more,
});

const acknowledgements: readonly Row[] = [
  acknowledgement('REGACK that fits nothing', '07 0B 00 02 00 77 00', nothing),
  acknowledgement('PUBACK that fits nothing', '07 0D 00 02 00 77 00', nothing),
  acknowledgement('PUBREC that fits nothing', '04 0F 00 77', { lines: ['s < 04100077'] }),
  acknowledgement('PUBREL that fits nothing', '04 10 00 77', { lines: ['s < 040e0077'] }),
  acknowledgement('PUBCOMP that fits nothing', '04 0E 00 77', nothing),
  acknowledgement('PUBACK of the message that is out in the awake state', '07 0D 00 02 00 01 00', nothing, {
    awake: { lines: ['#2 PUBACK id9', 's < 0217'], becomes: 'asleep' },
  }),
];

const pings: readonly Row[] = [
  {
    event: 'PINGREQ without ClientId',
    act: S1.pingReq,
    gone: disconnect,
    connecting: nothing,
    active: { lines: ['s < 0217'] },
    asleep: { lines: [waiting], becomes: 'awake' },
    awake: { lines: [waitingAgain] },
  },
  {
    event: 'PINGREQ with its ClientId',
    act: S1.pingReqId,
    gone: disconnect,
    connecting: nothing,
    active: { lines: ['s < 0217'] },
    asleep: { lines: [waiting], becomes: 'awake' },
    awake: { lines: [waitingAgain] },
  },
  {
    event: 'PINGREQ with a foreign ClientId',
    act: '04 16 7A 39',
    gone: disconnect,
    connecting: nothing,
    served: disconnect,
  },
  {
    event: 'PINGREQ with a prefix of its ClientId',
    act: '03 16 73',
    gone: disconnect,
    connecting: nothing,
    served: disconnect,
  },
  { event: 'PINGRESP', act: S1.pingResp, gone: nothing, connecting: nothing, served: nothing },
];

const goodbyes: readonly Row[] = [
  ...(['02 18', '04 18 00 00'] as const).map((act) => ({
    event: `DISCONNECT ${act}`,
    act,
    unknown: nothing,
    disconnected: disconnect,
    lost: disconnect,
    connecting: { ...disconnect, becomes: 'gone' } as const,
    broker: { lines: ['s < 0218', '#3 DISCONNECT'], becomes: 'gone' } as const,
    served: { lines: ['s < 0218', '#2 DISCONNECT'], becomes: 'gone' } as const,
  })),
  {
    event: 'DISCONNECT with a Duration',
    act: S1.sleep300,
    gone: nothing,
    connecting: { ...disconnect, becomes: 'gone' },
    broker: { lines: ['s < 0218', '#3 DISCONNECT'], becomes: 'gone' },
    served: { ...disconnect, becomes: 'asleep' },
  },
];

const always: Cell = { lines: ['s < 030201'] };
const discovery: readonly Row[] = [
  { event: 'SEARCHGW (field note 28)', act: '03 01 00', gone: always, connecting: always, served: always },
];

describe('the states are what they claim to be', () => {
  it.each(STATES)('%s', (state) => {
    expect(probe(benchIn(state))).toBe(situationOf(state));
  });
});

describe.each([
  ['CONNECT and the will exchange', connects],
  ['requests', requests],
  ['acknowledgements', acknowledgements],
  ['PINGREQ and PINGRESP', pings],
  ['DISCONNECT', goodbyes],
  ['SEARCHGW', discovery],
])('state × event (2.15): %s', (_, rows) => {
  it.each(pairs(rows))('%s in state %s: %j, then %s', (_event, state, lines, then, act) => {
    const bench = benchIn(state);
    expect(perform(bench, act)).toEqual(lines);
    expect(probe(bench)).toBe(then);
  });
});
