import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const OLD_BROKER = { settings: { upstream: { sharedProtocol: 4 as const } } };

function bench(options = {}, ...clients: string[]): HubBench {
  const made = new HubBench(options);
  for (const client of clients) {
    made.client(client);
    made.got(client);
  }
  return made;
}

function subscribed(made: HubBench, name: string, filter: string, qos: 0 | 1 | 2): string[] {
  const told = made.subscribe(name, filter, qos);
  expect(made.got(name)).toHaveLength(1);
  return told;
}

describe('a client on the shared connection (A-2)', () => {
  it('connects without a word to the broker, subscribes, gets and publishes', () => {
    const made = new HubBench();
    expect(made.client('a')).toEqual([]);
    expect(made.got('a')).toEqual(['030500']);
    expect(made.subscribe('a', 'tp', 1)).toEqual(['#2 SUBSCRIBE id1 tp qos1 as 65']);
    expect(made.got('a')).toEqual(['0813200001000100']);
    expect(made.comes('tp', 'x', { qos: 1, packetId: 7, identifiers: [65] })).toEqual(['#2 PUBACK id7']);
    expect(made.got('a')).toEqual(['qos1 tp "x"']);
    expect(made.publishes('a', 1, 5, 'y')).toEqual(['#2 PUBLISH qos1 id2 tp "y"']);
    expect(made.acks('PUBACK', 2)).toEqual([]);
    expect(made.got('a')).toEqual(['070d7470000500']);
  });

  it('gets its own message back where it has a filter for it (3.7 item 3)', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'tp', 0);
    made.publishes('a', 1, 1, 'x');
    made.comes('tp', 'x', { identifiers: [65] });
    expect(made.got('a')).toEqual(['qos0 tp "x"']);
  });
});

describe('copies with identifiers (3.7 item 1)', () => {
  it('reach each client once, by the filter with its highest QoS', () => {
    const made = bench({}, 'a', 'b');
    subscribed(made, 'a', 'x/+', 0);
    subscribed(made, 'a', 'x/#', 2);
    subscribed(made, 'b', 'x/+', 1);
    // The broker has had x/# by then: it may wait for PUBACK before it sends that one.
    expect(made.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [66] })).toEqual(['#2 PUBACK id1']);
    expect(made.comes('x/y', 'm', { qos: 2, packetId: 2, identifiers: [129] })).toEqual(['#2 PUBREC id2']);
    expect(made.got('a')).toEqual(['qos2 x/y "m"']);
    expect(made.got('b')).toEqual(['qos1 x/y "m"']);
    expect(made.comes('x/y', 'n', { qos: 1, packetId: 3, identifiers: [66] })).toEqual(['#2 PUBACK id3']);
    expect(made.got('a')).toEqual([]);
    expect(made.got('b')).toEqual(['qos1 x/y "n"']);
  });

  it('by the older one of two with the same QoS', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'x/+', 1);
    subscribed(made, 'a', 'x/#', 1);
    made.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [129] });
    expect(made.got('a')).toEqual([]);
    made.comes('x/y', 'm', { qos: 1, packetId: 2, identifiers: [65] });
    expect(made.got('a')).toEqual(['qos1 x/y "m"']);
    made.unsubscribe('a', 'x/+');
    made.got('a');
    made.comes('x/y', 'm', { qos: 1, packetId: 3, identifiers: [129] });
    expect(made.got('a')).toEqual(['qos1 x/y "m"']);
  });

  it('count only for filters with SUBACK', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'x/+', 1);
    const told = made.asks('a', 'x/#', 2);
    made.comes('x/y', '1', { identifiers: [65] });
    expect(made.got('a')).toEqual(['qos0 x/y "1"']);
    made.grants(told);
    made.got('a');
    made.comes('x/y', '2', { identifiers: [65] });
    expect(made.got('a')).toEqual([]);
    made.comes('x/y', '2', { identifiers: [129] });
    expect(made.got('a')).toEqual(['qos0 x/y "2"']);
  });

  it('for a filter that the broker may not have had by then wait a moment for the better one, and are not lost', () => {
    const made = bench({}, 'a', 'b');
    subscribed(made, 'a', 'x/#', 1);
    subscribed(made, 'b', 'z', 1);
    made.comes('x/y', '1', { qos: 1, packetId: 1, identifiers: [65] });
    expect(made.got('a')).toEqual(['qos1 x/y "1"']);
    made.of('b').isMute = true;
    made.comes('z', 'the broker waits, and may have more', { qos: 1, packetId: 9, identifiers: [129] });
    subscribed(made, 'a', 'x/+', 2);
    made.comes('x/y', '2', { qos: 1, packetId: 2, identifiers: [65] });
    expect(made.got('a')).toEqual([]);
    made.act(made.pass(100));
    expect(made.got('a')).toEqual(['qos1 x/y "2"']); // it was on its way before
    made.comes('x/y', '3', { qos: 1, packetId: 3, identifiers: [65] });
    made.comes('x/y', '3', { qos: 2, packetId: 4, identifiers: [193] });
    expect(made.got('a')).toEqual(['qos2 x/y "3"']);
    made.comes('x/y', '4', { qos: 1, packetId: 5, identifiers: [65] });
    expect(made.got('a')).toEqual([]);
    made.act(made.pass(1_000));
    expect(made.got('a')).toEqual([]); // its copy with QoS 2 comes, whenever that is
  });

  it('that the broker had before a client subscribed are not for it, whoever else has the filter (I-100)', () => {
    const made = bench({}, 'a', 'b');
    subscribed(made, 'a', 'x/#', 1);
    subscribed(made, 'b', 'x/#', 1);
    made.comes('x/y', 'before', { qos: 1, packetId: 1, identifiers: [65] }); // as the broker had kept it
    expect(made.got('a')).toEqual(['qos1 x/y "before"']);
    expect(made.got('b')).toEqual([]);
    subscribed(made, 'a', 'x/#', 2); // it goes on having it
    made.comes('x/y', 'between', { qos: 1, packetId: 2, identifiers: [65] });
    expect([made.got('a'), made.got('b')]).toEqual([['qos1 x/y "between"'], []]);
    made.comes('x/y', 'after', { qos: 1, packetId: 3, identifiers: [67] });
    expect([made.got('a'), made.got('b')]).toEqual([['qos1 x/y "after"'], ['qos1 x/y "after"']]);
  });

  it('nor do they keep the client from getting a message by another filter, which it had', () => {
    const made = bench({ answersPings: false }, 'a', 'b');
    subscribed(made, 'a', 'x/+', 2);
    subscribed(made, 'b', 'x/#', 1);
    made.comes('x/y', '1', { qos: 1, packetId: 1, identifiers: [129] });
    made.got('b');
    subscribed(made, 'b', 'x/+', 2);
    made.comes('x/y', '2', { qos: 2, packetId: 2, identifiers: [65] });
    made.comes('x/y', '2', { qos: 1, packetId: 3, identifiers: [129] });
    made.act(made.pass(100));
    expect(made.got('b')).toEqual(['qos1 x/y "2"']);
  });

  it('are for a client whose SUBSCRIBE was many others ago, and after a restart for all that have the filter', () => {
    const made = new HubBench();
    made.client('old', { clean: false });
    made.got('old');
    subscribed(made, 'old', 'x/#', 1);
    for (let n = 0; n < 70; n += 1) {
      made.client(`c${n}`);
      made.got(`c${n}`);
      subscribed(made, `c${n}`, 'x/#', 1);
    }
    made.comes('x/y', '1', { qos: 1, packetId: 1, identifiers: [64 + 7] });
    expect(made.got('old')).toEqual(['qos1 x/y "1"']);
    const again = hubRestarted(made, { connack: { sessionPresent: true } });
    again.client('old', { clean: false });
    again.got('old');
    again.comes('x/y', '2', { qos: 1, packetId: 2, identifiers: [64 + 20] });
    expect(again.got('old')).toEqual(['qos1 x/y "2"']);
  });

  it('with QoS 0 are not taken where a better one with QoS 1 or 2 has to come, which they overtake at the broker', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'x/#', 0);
    subscribed(made, 'a', 'x/+', 1);
    made.comes('x/y', '1', { identifiers: [65] });
    made.act(made.pass(1_000));
    expect(made.got('a')).toEqual([]);
    made.comes('x/y/z', 'other', { identifiers: [65] });
    made.comes('x/y', '1', { qos: 1, packetId: 1, identifiers: [129] });
    expect(made.got('a')).toEqual(['qos0 x/y/z "other"', 'qos1 x/y "1"']);
  });

  it('of a broker that names all subscriptions in one message are one', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'x/+', 1);
    subscribed(made, 'a', 'x/#', 2);
    made.comes('x/y', 'm', { qos: 2, packetId: 1, identifiers: [65, 129] });
    expect(made.got('a')).toEqual(['qos2 x/y "m"']);
  });

  it('for filters that nobody has are acknowledged and dropped', () => {
    const made = bench({}, 'a');
    expect(made.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] })).toEqual(['#2 PUBACK id1']);
    expect(made.comes('x/y', 'm', { qos: 2, packetId: 2, identifiers: [999_999] })).toEqual(['#2 PUBREC id2']);
    expect(made.act(made.released(2, 2))).toEqual(['#2 PUBCOMP id2']);
    expect([...made.disk.keys()]).toEqual(['slots']);
  });
});

describe('without identifiers (MQTT 3.1.1)', () => {
  it('one copy reaches all whose filters match, once each, and none by a leading wildcard where it begins with $', () => {
    const made = bench(OLD_BROKER, 'a', 'b', 'c');
    subscribed(made, 'a', 'x/+', 1);
    subscribed(made, 'a', '+/y', 2);
    subscribed(made, 'b', 'x/y', 0);
    subscribed(made, 'c', '#', 1);
    made.comes('x/y', 'm', { qos: 1, packetId: 1 });
    expect(made.got('a')).toEqual(['qos1 x/y "m"']);
    expect(made.got('b')).toEqual(['qos0 x/y "m"']);
    expect(made.got('c')).toEqual(['qos1 x/y "m"']);
    made.comes('$SYS/y', 'm');
    expect([...made.got('a'), ...made.got('c')]).toEqual([]);
  });

  it('a wider filter that comes later is asked for with the QoS of all that it stands for, before any of them ends', () => {
    const made = bench(OLD_BROKER, 'a', 'b', 'c');
    subscribed(made, 'a', 'x/a', 1);
    subscribed(made, 'b', 'x/b', 2);
    const told = made.asks('c', 'x/#', 0);
    expect(told).toEqual(['#2 SUBSCRIBE id3 x/# qos0']);
    expect(made.grants(told)).toEqual([
      '#2 SUBSCRIBE id4 x/# qos2 without retained',
      '#2 UNSUBSCRIBE id5 x/b',
      '#2 UNSUBSCRIBE id6 x/a',
    ]);
  });

  it('a filter is covered by a wider one, which gets the higher QoS first', () => {
    const made = bench(OLD_BROKER, 'a', 'b');
    expect(subscribed(made, 'a', 'x/#', 0)).toEqual(['#2 SUBSCRIBE id1 x/# qos0']);
    const told = made.asks('b', 'x/y', 2);
    expect(told).toEqual(['#2 SUBSCRIBE id2 x/y qos2']);
    expect(made.grants(told)).toEqual(['#2 SUBSCRIBE id3 x/# qos2 without retained', '#2 UNSUBSCRIBE id4 x/y']);
    made.got('b');
    expect(made.act(made.suback(2, 3, 2))).toEqual([]);
    expect(made.act(made.unsuback(2, 4))).toEqual([]);
    made.comes('x/y', 'm', { qos: 2, packetId: 1 });
    expect([made.got('a'), made.got('b')]).toEqual([['qos0 x/y "m"'], ['qos2 x/y "m"']]);
  });

  it('a wider one takes the place of those that it covers, and gives it back when it leaves', () => {
    const made = bench(OLD_BROKER, 'a', 'b', 'c');
    subscribed(made, 'a', 'x/y', 1);
    subscribed(made, 'b', 'x/z', 1);
    const told = made.asks('c', 'x/+', 1);
    expect(made.grants(told)).toEqual(['#2 UNSUBSCRIBE id4 x/z', '#2 UNSUBSCRIBE id5 x/y']);
    made.unsuback(2, 4);
    made.unsuback(2, 5);
    expect(made.unsubscribe('c', 'x/+')).toEqual([
      '#2 SUBSCRIBE id6 x/z qos1 without retained',
      '#2 SUBSCRIBE id7 x/y qos1 without retained',
      '#2 UNSUBSCRIBE id8 x/+',
    ]);
  });

  it('a covered filter that nobody has any more leads to nothing', () => {
    const made = bench(OLD_BROKER, 'a', 'b');
    subscribed(made, 'a', 'x/#', 1);
    subscribed(made, 'b', 'x/y', 1);
    made.unsuback(2, 3);
    expect(made.unsubscribe('b', 'x/y')).toEqual([]);
    expect(made.unsubscribe('a', 'x/#')).toEqual(['#2 UNSUBSCRIBE id4 x/#']);
  });

  it('10,000 filters under a wider one that comes and goes are no more SUBSCRIBEs out at a time than ever', () => {
    const made = bench(
      {
        settings: {
          upstream: { sharedProtocol: 4 as const },
          clients: { maxSubscriptions: 10_000, maxNameOctets: 10_000_000 },
        },
      },
      'a',
      'b',
    );
    for (let number = 0; number < 300; number++) {
      made.subscribe('a', `x/${number}/+`, 1);
    }
    subscribed(made, 'b', 'x/#', 1);
    const told = made.unsubscribe('b', 'x/#');
    expect(told.filter((line) => line.includes('SUBSCRIBE id')).length).toBe(64);
  });
});

describe('shared subscriptions', () => {
  it.each([
    ['with identifiers', {}],
    ['without', OLD_BROKER],
  ])('each message goes to one of the own clients in turn, awake ones first: %s', (_, options) => {
    const made = bench(options, 'a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) {
      subscribed(made, name, '$share/g/x/+', 1);
    }
    made.says('a', '04 18 0E 10');
    made.got('a');
    for (let packetId = 1; packetId <= 4; packetId++) {
      made.comes('x/y', `${packetId}`, { qos: 1, packetId, ...(_ === 'without' ? {} : { identifiers: [67] }) });
    }
    expect(made.got('a')).toEqual([]);
    expect([made.got('b').length, made.got('c').length]).toEqual([2, 2]);
  });

  it('go to one that is awake, also where it is busy, before one that sleeps', () => {
    const made = bench({}, 'a', 'b');
    for (const name of ['a', 'b']) {
      subscribed(made, name, '$share/g/tp', 1);
    }
    made.says('a', '04 18 0E 10');
    made.of('b').isMute = true;
    for (let packetId = 1; packetId <= 20; packetId++) {
      made.comes('tp', `${packetId}`, { qos: 1, packetId, identifiers: [66] });
    }
    expect(made.core.summary('a')).toMatchObject({ waiting: 0 });
    expect(made.core.summary('b')).toMatchObject({ waiting: 20 });
  });

  it.each([0, 1] as const)('QoS %i: go to one that sleeps before one that is away', (qos) => {
    const made = new HubBench();
    for (const name of ['a', 'b']) {
      made.client(name, { clean: false });
      made.subscribe(name, '$share/g/tp', 1);
    }
    made.says('a', '02 18');
    made.says('b', '04 18 0E 10');
    made.comes('tp', 'm', { qos, packetId: qos, identifiers: [66] });
    made.comes('tp', 'n', { qos, packetId: qos && 2, identifiers: [66] });
    expect(made.core.summary('b')).toMatchObject({ waiting: 2 });
  });

  it('bring nothing that is retained, and are asked for again on each connection, also where the session is there', () => {
    const made = bench({}, 'a', 'b');
    subscribed(made, 'a', 'x/+', 1);
    expect(subscribed(made, 'b', '$share/g/x/+', 1)).toEqual([
      '#2 SUBSCRIBE id2 $share/g/x/+ qos1 as 128 without retained',
    ]);
    made.breaks();
    made.wait(2_000);
    const told = made.stands({ sessionPresent: true });
    expect(told).toEqual([`#${made.shared} SUBSCRIBE id3 $share/g/x/+ qos1 as 128 without retained`]);
    made.grants(told);
    made.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [128] });
    expect([made.got('a'), made.got('b')]).toEqual([[], ['qos1 x/y "m"']]);
  });

  it('bring nothing that is retained from an older broker, either', () => {
    const made = bench(OLD_BROKER, 'a');
    const told = made.asks('a', '$share/g/x/+', 1);
    expect(made.comes('x/y', 'old', { qos: 1, packetId: 1, retain: true })).toEqual(['#2 PUBACK id1']);
    made.grants(told);
    expect(made.comes('x/y', 'older', { qos: 1, packetId: 2, retain: true })).toEqual(['#2 PUBACK id2']);
    expect(made.got('a')).toHaveLength(1); // SUBACK
  });
});

describe('subscriptions counted by reference', () => {
  it('SUBSCRIBE for each newcomer with an identifier of its own and the highest QoS; UNSUBSCRIBE with the last one', () => {
    const made = bench({}, 'a', 'b', 'c');
    expect(subscribed(made, 'a', 'x/y', 1)).toEqual(['#2 SUBSCRIBE id1 x/y qos1 as 65']);
    expect(subscribed(made, 'b', 'x/y', 2)).toEqual(['#2 SUBSCRIBE id2 x/y qos2 as 66']);
    expect(subscribed(made, 'c', 'x/y', 0)).toEqual(['#2 SUBSCRIBE id3 x/y qos2 as 67']);
    expect(made.unsubscribe('c', 'x/y')).toEqual([]);
    expect(made.unsubscribe('b', 'x/y')).toEqual(['#2 SUBSCRIBE id4 x/y qos1 as 67 without retained']);
    expect(made.act(made.suback(2, 4, 1))).toEqual([]);
    expect(made.unsubscribe('a', 'x/y')).toEqual(['#2 UNSUBSCRIBE id5 x/y']);
    expect(made.act(made.unsuback(2, 5))).toEqual([]);
    expect([...made.disk.keys()]).toEqual(['slots']);
  });

  it('a filter that the broker refuses for one stays with the others', () => {
    const made = bench({}, 'a', 'b');
    subscribed(made, 'a', 'x/y', 1);
    expect(made.grants(made.asks('b', 'x/y', 2), 0x87)).toEqual(['#2 SUBSCRIBE id3 x/y qos1 as 66 without retained']);
    expect(made.got('b')).toEqual([expect.stringMatching(/03$/)]);
    made.comes('x/y', 'm', { identifiers: [66] });
    expect(made.got('a')).toEqual(['qos0 x/y "m"']);
    expect(made.got('b')).toEqual([]);
  });

  it('two SUBSCRIBEs of one client for one filter are both answered', () => {
    const made = bench({}, 'a');
    const told = [...made.asks('a', 'x/y', 1), ...made.asks('a', 'x/y', 2)];
    told.push(...made.grants(told));
    made.grants(told.slice(1));
    expect(made.got('a')).toHaveLength(2);
  });

  it('a filter left and wanted again while UNSUBSCRIBE is out stays, whatever is left of it', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'x/y', 1);
    expect(made.unsubscribe('a', 'x/y')).toEqual(['#2 UNSUBSCRIBE id2 x/y']);
    const told = made.asks('a', 'x/y', 1);
    expect(told).toEqual(['#2 SUBSCRIBE id3 x/y qos1 as 129']);
    made.grants(told);
    expect(made.unsubscribe('a', 'x/y')).toEqual(['#2 UNSUBSCRIBE id4 x/y']);
    made.unsuback(2, 2);
    expect([...made.disk.keys()]).toEqual(['slots', 'filter/x/y']);
    made.unsuback(2, 4);
    expect([...made.disk.keys()]).toEqual(['slots']);
  });

  it('a clean client that leaves takes its filters along', () => {
    const made = bench({}, 'a');
    subscribed(made, 'a', 'x/y', 1);
    expect(made.says('a', '02 18')).toEqual(['#2 UNSUBSCRIBE id2 x/y']);
  });

  it('hundreds that leave at once are few UNSUBSCRIBEs at a time', () => {
    const made = bench({ settings: { clients: { maxSubscriptions: 1_000 } } }, 'a');
    for (let number = 0; number < 200; number++) {
      made.subscribe('a', `x/${number}/+`, 1);
    }
    const told = made.says('a', '02 18');
    expect(told).toHaveLength(64);
    const [, id] = /id(\d+)/.exec(told[0] ?? '') ?? [];
    expect(made.act(made.unsuback(2, Number(id)))).toHaveLength(1);
  });
});

describe('retained messages', () => {
  it('with identifiers: reach the newcomer alone, two at the same moment both', () => {
    const made = bench({}, 'a', 'b', 'c');
    subscribed(made, 'a', 'x/+', 1);
    const told = [...made.asks('b', 'x/+', 1), ...made.asks('c', 'x/+', 1)];
    expect(told).toEqual(['#2 SUBSCRIBE id2 x/+ qos1 as 66']);
    const next = made.grants(told);
    expect(next).toEqual(['#2 SUBSCRIBE id3 x/+ qos1 as 67']);
    made.comes('x/y', 'r', { retain: true, identifiers: [66] });
    made.grants(next);
    made.comes('x/y', 'r', { retain: true, identifiers: [67] });
    expect(made.got('a')).toEqual([]);
    expect(made.got('b').slice(1)).toEqual(['qos0 x/y "r" retain']);
    expect(made.got('c').slice(1)).toEqual(['qos0 x/y "r" retain']);
  });

  it('before SUBACK reach it too', () => {
    const made = bench({}, 'a');
    const told = made.asks('a', 'tp', 1);
    made.comes('tp', 'r', { retain: true, qos: 1, packetId: 1, identifiers: [65] });
    made.grants(told);
    expect(made.got('a').slice(1)).toEqual(['qos1 tp "r" retain']);
  });

  it.each([
    ['with identifiers', {}, { identifiers: [67] }],
    ['without', OLD_BROKER, {}],
  ])('have the QoS of the SUBSCRIBE that they come for, not of one before: %s', (_, options, named) => {
    for (const [before, now] of [
      [0, 2],
      [2, 0],
    ] as const) {
      const made = bench(options, 'a', 'b');
      subscribed(made, 'b', 'tp', 2);
      subscribed(made, 'a', 'tp', before);
      const told = made.asks('a', 'tp', now);
      made.comes('tp', 'r', { retain: true, qos: 1, packetId: 1, ...named });
      made.grants(told);
      expect(made.got('a').slice(1)).toEqual([`qos${Math.min(1, now)} tp "r" retain`]);
    }
  });

  it('without identifiers: one filter at a time, until SUBACK, then PINGRESP with nothing unacknowledged', () => {
    const made = new HubBench({ ...OLD_BROKER, answersPings: false });
    for (const name of ['a', 'b', 'c']) {
      made.client(name);
    }
    const told = made.asks('a', 'x/+', 1);
    expect(told).toEqual(['#2 SUBSCRIBE id1 x/+ qos1']);
    expect(made.asks('b', 'y/+', 1)).toEqual([]);
    expect(made.asks('c', 'x/+', 1)).toEqual([]);
    expect(made.grants(told)).toEqual(['#2 PINGREQ']);
    made.got('a');
    made.of('a').isMute = true;
    expect(made.comes('x/1', 'r', { retain: true, qos: 1, packetId: 1 })).toEqual(['#2 PUBACK id1']); // others wait: not for its answer
    expect(made.got('a')).toEqual(['qos1 x/1 "r" retain']);
    const pong = () => made.act(made.feed({ type: 'upstream-ponged', connection: 2 }));
    expect(pong()).toEqual(['#2 PINGREQ']);
    expect(pong()).toEqual(['#2 SUBSCRIBE id2 y/+ qos1']);
    expect(made.comes('x/1', 'r', { retain: true, qos: 1, packetId: 2 })).toEqual(['#2 PUBACK id2']);
    expect(made.got('a')).toEqual([]);
    made.grants(['SUBSCRIBE id2 y/+ qos1']);
    expect(pong()).toEqual(['#2 SUBSCRIBE id3 x/+ qos1']);
    made.grants(['SUBSCRIBE id3 x/+ qos1']);
    made.comes('x/1', 'r', { retain: true });
    expect(made.got('a')).toEqual([]);
    expect(made.got('c')).toContain('qos0 x/1 "r" retain');
  });

  it('without identifiers: what was not fetched when the connection broke is fetched again', () => {
    const made = new HubBench({ ...OLD_BROKER, answersPings: false });
    made.client('a');
    expect(made.grants(made.asks('a', 'x/+', 1))).toEqual(['#2 PINGREQ']);
    made.got('a');
    made.breaks();
    made.wait(1_000);
    expect(made.stands({ sessionPresent: true })).toEqual([`#${made.shared} SUBSCRIBE id2 x/+ qos1`]);
    made.grants(['SUBSCRIBE id2 x/+ qos1']);
    made.comes('x/1', 'r', { retain: true });
    expect(made.got('a')).toEqual(['qos0 x/1 "r" retain']);
  });
});
