/** Short ways to write frames in scenarios of registration, publishing and subscribing. Octets are put together by hand, never by the codec under test. */
import { type BenchOptions, CoreBench, frame, hex16, octets } from './core-bench.ts';

/** The line of a frame to the client `s`: octets behind Length, and a text behind them. */
export function sent(hex: string, text = ''): string {
  return `s < ${frame(hex, text)}`;
}

/** A frame in the long form, from the octets behind Length and a text behind them. */
export function longFrame(hex: string, text = ''): string {
  const body = Buffer.concat([octets(hex), Buffer.from(text)]);
  return `01${hex16(body.length + 3)}${body.toString('hex')}`;
}

/** A frame inside the encapsulation of a forwarder (§5.5); `node`: the wireless node id in hexadecimal. */
export function encapsulated(node: string, inner: string): string {
  return frame(`fe 00 ${node}`) + octets(inner).toString('hex');
}

/** A bench with the client `s` connected as connection 1 (clean session, keep-alive 1000 s, unless told otherwise). */
export function connected(options: BenchOptions = {}, how: { clean?: boolean; duration?: number } = {}): CoreBench {
  const bench = new CoreBench(options);
  bench.connect('s', 's', { duration: 1000, ...how });
  return bench;
}

/** A persistent session: `s` connected without CleanSession as connection 1. */
export function persistent(options: BenchOptions = {}): CoreBench {
  return connected(options, { clean: false });
}

/** `s` subscribes to a name or filter with MsgId 0x0700 and the broker grants it. Throws where that does not work. */
export function subscribed(bench: CoreBench, filter: string, qos: 0 | 1 | 2 = 1, connection = 1): void {
  subscribedWith(bench, frame(`12 ${['00', '20', '40'][qos]} 0700`, filter), qos, connection);
}

/** The same with a SUBSCRIBE of one's own choice. */
export function subscribedWith(bench: CoreBench, subscribe: string, qos: 0 | 1 | 2 = 1, connection = 1): void {
  const lines = bench.from('s', subscribe);
  const packetId = Number(/SUBSCRIBE id(\d+)/.exec(lines.join('\n'))?.[1]);
  if (!Number.isInteger(packetId)) {
    throw new Error(`SUBSCRIBE did not reach the broker: ${lines.join(' | ')}`);
  }
  const answer = bench.suback(connection, packetId, qos);
  if (!answer[0]?.endsWith('00')) {
    throw new Error(`not subscribed: ${answer.join(' | ')}`);
  }
}

/** `s` registers a name; returns the TopicId that the gateway assigned, in hexadecimal. */
export function registered(bench: CoreBench, name: string): string {
  const lines = bench.from('s', frame('0a 0000 0701', name));
  const topicId = /^s < 070b(.{4})070100$/.exec(lines.join('\n'))?.[1];
  if (topicId === undefined) {
    throw new Error(`REGISTER was not accepted: ${lines.join(' | ')}`);
  }
  return topicId;
}

/** `s` is connected and has registered a/b as topic id 1. */
export function publisher(clean = false): CoreBench {
  const bench = clean ? connected() : persistent();
  registered(bench, 'a/b');
  return bench;
}

/**
 * The broker's connection 1 of `s`, the only client, breaks; after a second the gateway tries again as connection 3. Connection 2 is the gateway's
 * own, which finds out whether the broker can be reached at all (I-13); it stays unanswered. Throws where anything else happens.
 */
export function breakUpstream(bench: CoreBench): void {
  const lines = [...bench.down(1), ...bench.pass(1_000)].join(' | ');
  if (!/^#2 CONNECT \(gateway\) clean \| #3 CONNECT s( clean)?( will .*)?$/.test(lines)) {
    throw new Error(`not reconnected as expected: ${lines}`);
  }
}
