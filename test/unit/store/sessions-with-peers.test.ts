import { describe, expect, it } from '@jest/globals';
import { decodeRecord, seal } from '../../../src/store/record-codec.ts';
import { migrate, STORE_FORMAT } from '../../../src/store/store-format.ts';

/** As version 0.1.0 of the gateway wrote them. */
const VERSION_1 = new Map([
  [
    'session/v4',
    '777d6201{"kind":"session","clientId":"v4","link":"udp:192.0.2.7:4711","state":"asleep","cleanSession":false,"keepAlive":60000,"sleepDuration":600000,"lastHeard":1700000000000,"nextTopicId":3,"topics":[{"topicId":1,"topicName":"a/b","known":true}],"subscriptions":[{"filter":"c/+","qos":1,"short":false}],"willTopic":{"topic":"w","qos":1,"retain":true},"willMessage":"AQI="}',
  ],
  [
    'session/v6',
    '7e23764e{"kind":"session","clientId":"v6","link":"udp:[2001:db8::7]:4711","state":"asleep","cleanSession":false,"keepAlive":60000,"sleepDuration":600000,"lastHeard":1700000000000,"nextTopicId":3,"topics":[{"topicId":1,"topicName":"a/b","known":true}],"subscriptions":[{"filter":"c/+","qos":1,"short":false}],"willTopic":{"topic":"w","qos":1,"retain":true},"willMessage":"AQI="}',
  ],
  [
    'session/node',
    '652bcacb{"kind":"session","clientId":"node","link":"xbee:0013a20040b5c1d2","state":"asleep","cleanSession":false,"keepAlive":60000,"sleepDuration":600000,"lastHeard":1700000000000,"nextTopicId":3,"topics":[{"topicId":1,"topicName":"a/b","known":true}],"subscriptions":[{"filter":"c/+","qos":1,"short":false}],"willTopic":{"topic":"w","qos":1,"retain":true},"willMessage":"AQI="}',
  ],
  [
    'session/behind',
    '213ad064{"kind":"session","clientId":"behind","link":"serial:line","nodeId":"AQI=","state":"asleep","cleanSession":false,"keepAlive":60000,"sleepDuration":600000,"lastHeard":1700000000000,"nextTopicId":3,"topics":[{"topicId":1,"topicName":"a/b","known":true}],"subscriptions":[{"filter":"c/+","qos":1,"short":false}],"willTopic":{"topic":"w","qos":1,"retain":true},"willMessage":"AQI="}',
  ],
  ['delivery/v4/12', '5ebefe97{"kind":"delivery","clientId":"v4","packetId":12,"msgId":3}'],
]);

describe('a store of version 1', () => {
  const texts = migrate(STORE_FORMAT, 1, VERSION_1) ?? new Map();

  it.each([
    ['v4', 'udp', '192.0.2.7'],
    ['v6', 'udp', '2001:db8::7'],
    ['node', 'xbee', '0013a20040b5c1d2'],
    ['behind', 'serial', 'line'],
  ])('has sessions that get the version of the protocol and their peer: %s', (clientId, transport, host) => {
    const key = `session/${clientId}`;
    expect(decodeRecord(key, texts.get(key))).toEqual({
      kind: 'session',
      clientId,
      protocolVersion: '1.2',
      link: expect.stringContaining(host),
      transport,
      host,
      nodeId: clientId === 'behind' ? Uint8Array.of(1, 2) : undefined,
      state: 'asleep',
      cleanSession: false,
      keepAlive: 60_000,
      sleepDuration: 600_000,
      lastHeard: 0,
      nextTopicId: 3,
      epoch: 1,
    });
  });

  it('has sessions that come apart: topic ids, subscriptions and the will are records of their own', () => {
    const record = (key: string) => decodeRecord(key, texts.get(key) ?? '');
    expect([...texts.keys()].filter((key) => key.includes('/v4'))).toEqual([
      'session/v4',
      'topic/v4/1',
      'subscription/v4/c/+',
      'will/v4',
      'delivery/v4/12',
    ]);
    expect(record('topic/v4/1')).toEqual({
      ...{ kind: 'topic', clientId: 'v4', topicId: 1, topicName: 'a/b', knownIn: 1 },
    });
    expect(record('subscription/v4/c/+')).toEqual({
      ...{ kind: 'subscription', clientId: 'v4', filter: 'c/+', qos: 1, predefinedId: undefined, short: false },
    });
    expect(record('will/v4')).toEqual({
      ...{ kind: 'will', clientId: 'v4', topic: { topic: 'w', qos: 1, retain: true }, message: Uint8Array.of(1, 2) },
    });
  });

  it('has other records that stay as they are', () => {
    expect(texts.get('delivery/v4/12')).toBe(VERSION_1.get('delivery/v4/12'));
  });

  it.each([
    ['a wrong checksum', '00000000{"kind":"session"}'],
    ['no link', seal('session/s', '{"kind":"session","clientId":"s"}')],
    ['something else', seal('session/s', '7')],
  ])('has a text that cannot be understood, %s: it stays as it is, to be left out', (_, text) => {
    expect(migrate(STORE_FORMAT, 1, new Map([['session/s', text]]))).toEqual(new Map([['session/s', text]]));
    expect(() => decodeRecord('session/s', text)).toThrow();
  });
});
