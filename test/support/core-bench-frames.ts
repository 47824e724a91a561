/**
 * Frames of the client `s1` (two-octet ClientId 73 31), as literal octets, and the sessions that most scenarios start from.
 */
import type { CoreBench } from './core-bench.ts';

export const S1 = {
  /** CleanSession, no will, keep-alive 60 s. */
  connectClean: '08 04 04 01 00 3C 73 31',
  connectKeep: '08 04 00 01 00 3C 73 31',
  connectCleanWill: '08 04 0C 01 00 3C 73 31',
  connectKeepWill: '08 04 08 01 00 3C 73 31',
  /** The same client with keep-alive 120 s. */
  connectClean120: '08 04 04 01 00 78 73 31',
  connectKeep120: '08 04 00 01 00 78 73 31',
  /** QoS 1, retain, "w/s1". */
  willTopic: '07 07 30 77 2F 73 31',
  /** "off". */
  willMsg: '05 09 6F 66 66',
  emptyWillTopic: '02 07',
  /** QoS 0, "w/n". */
  willTopicUpd: '06 1A 00 77 2F 6E',
  /** "new". */
  willMsgUpd: '05 1C 6E 65 77',
  emptyWillTopicUpd: '02 1A',
  /** "a/b", MsgId 1. */
  register: '09 0A 00 00 00 01 61 2F 62',
  /** TopicId 1, "x". */
  publishQos0: '08 0C 00 00 01 00 00 78',
  publishQos1: '08 0C 20 00 01 00 02 78',
  publishQos2: '08 0C 40 00 01 00 03 78',
  /** Short topic "tp", "4", QoS −1. */
  publishQosMinus1: '08 0C 62 74 70 00 00 34',
  /** "c/d", QoS 1, MsgId 4. */
  subscribe: '08 12 20 00 04 63 2F 64',
  /** "g/#", QoS 1, MsgId 6. */
  subscribeWildcard: '08 12 20 00 06 67 2F 23',
  unsubscribe: '08 14 00 00 05 63 2F 64',
  pingReq: '02 16',
  pingReqId: '04 16 73 31',
  pingResp: '02 17',
  disconnect: '02 18',
  /** 300 s: with the tolerance of K-4 330 s. */
  sleep300: '04 18 01 2C',
} as const;

/** Lets `s1` connect and keep its session, with "a/b" registered as id 1 and "c/d" subscribed (QoS 1) as id 2; the connection number. */
export function keepSession(bench: CoreBench, client = 's'): number {
  const connection = bench.connect(client, 's1', { clean: false });
  bench.from(client, S1.register);
  bench.from(client, S1.subscribe);
  bench.suback(connection, 1, 1);
  return connection;
}

/** The will exchange of a CONNECT with Will, up to the upstream CONNECT: topic "w/s1", QoS 1, retained, message "off". */
export function exchangeWill(bench: CoreBench, connect: string = S1.connectCleanWill): string[] {
  return [...bench.from('s', connect), ...bench.from('s', S1.willTopic), ...bench.from('s', S1.willMsg)];
}

/** Opens the gateway's own connection, by a publish with QoS −1; `connection`: the number that is next. */
export function openOwnConnection(bench: CoreBench, connection = 1): void {
  bench.from('anyone', S1.publishQosMinus1);
  bench.up(connection);
}
