import { describe, expect, it } from '@jest/globals';
import { decodeRecord } from '../../../src/store/record-codec.ts';
import { migrate, STORE_FORMAT } from '../../../src/store/store-format.ts';

/** As version 2 of the store has them. */
const VERSION_2 = new Map([
  [
    'exchange/a%2Fb/3',
    '831a857f{"kind":"exchange","clientId":"a/b","msgId":3,"packetId":12,"topicId":1,"topic":"t/a","payload":"AQI=","retain":true,"released":false}',
  ],
  [
    'exchange/a%2Fb/7',
    '7cd5d83c{"kind":"exchange","clientId":"a/b","msgId":7,"packetId":9,"topicId":1,"topic":"t/a","payload":"","retain":false,"released":true}',
  ],
  ['delivery/v4/12', '5ebefe97{"kind":"delivery","clientId":"v4","packetId":12,"msgId":3}'],
]);

describe('a store of version 2', () => {
  const texts = migrate(STORE_FORMAT, 2, VERSION_2) ?? new Map();

  it('has exchanges that get a number, in the order of their packet ids, and keys by it', () => {
    expect(texts.has('exchange/a%2Fb/3')).toBe(false);
    expect(decodeRecord('exchange/a%2Fb/12', texts.get('exchange/a%2Fb/12'))).toEqual({
      kind: 'exchange',
      clientId: 'a/b',
      number: 12,
      msgId: 3,
      packetId: 12,
      role: 'current',
      topicId: 1,
      topic: 't/a',
      payload: Uint8Array.of(1, 2),
      retain: true,
      released: false,
    });
    expect(decodeRecord('exchange/a%2Fb/9', texts.get('exchange/a%2Fb/9'))).toMatchObject({ number: 9, msgId: 7 });
  });

  it('has other records that stay as they are', () => {
    expect(texts.get('delivery/v4/12')).toBe(VERSION_2.get('delivery/v4/12'));
  });

  it('has texts that cannot be read: they stay, to be reported and left out', () => {
    const damaged = new Map([
      ['exchange/a/1', '00000000{"kind":"exchange","packetId":1}'],
      ['exchange/a/2', 'x'],
    ]);
    expect(migrate(STORE_FORMAT, 2, damaged)).toEqual(damaged);
  });
});
