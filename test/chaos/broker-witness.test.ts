import { beforeEach, describe, expect, it } from '@jest/globals';
import { Books } from '../crash/books.ts';
import type { LineWatch } from '../crash/slow-line.ts';
import { BrokerWitness } from './broker-witness.ts';

let witness: BrokerWitness;

beforeEach(() => {
  witness = new BrokerWitness();
});

/** A connection of the client `c`. */
function connection(): LineWatch {
  const watch = witness.watch();
  watch.toFar(Buffer.from('100d 0004 4d515454 04 00 003c 0001 63'.replaceAll(' ', ''), 'hex'));
  return watch;
}

/** PUBLISH with QoS 2 to the topic `t`, from the broker, in two pieces. */
function publish(watch: LineWatch, packetId: number, payload: string): void {
  const octets = Buffer.from([0x34, 5 + payload.length, 0, 1, 0x74, 0, packetId, ...Buffer.from(payload)]);
  watch.fromFar(octets.subarray(0, 4));
  watch.fromFar(octets.subarray(4));
}

/** The same in MQTT 5. */
function five(): LineWatch {
  const watch = witness.watch();
  watch.toFar(Buffer.from('100e 0004 4d515454 05 00 003c 00 0001 63'.replaceAll(' ', ''), 'hex'));
  return watch;
}

/** SUBSCRIBE with an identifier below 16,384, and its SUBACK. */
function subscribes(watch: LineWatch, packetId: number, filter: string, identifier: number): void {
  const name = Buffer.from(filter);
  const properties = [3, 0x0b, 0x80 | (identifier & 0x7f), identifier >> 7];
  watch.toFar(Buffer.from([0x82, 9 + name.length, 0, packetId, ...properties, 0, name.length, ...name, 2]));
  watch.fromFar(Uint8Array.of(0x90, 4, 0, packetId, 0, 2));
}

/** PUBLISH with QoS 2 for the filter with this identifier. */
function publishFor(watch: LineWatch, packetId: number, identifier: number, payload: string): void {
  const properties = [3, 0x0b, 0x80 | (identifier & 0x7f), identifier >> 7];
  watch.fromFar(
    Buffer.from([0x34, 9 + payload.length, 0, 1, 0x74, 0, packetId, ...properties, ...Buffer.from(payload)]),
  );
}

function pubrel(watch: LineWatch, packetId: number): void {
  watch.fromFar(Uint8Array.of(0x62, 2, 0, packetId));
}

describe('the witness of what the broker sends', () => {
  it('counts a QoS 2 PUBLISH again after PUBREL as the own of the broker', () => {
    const first = connection();
    publish(first, 1, 'a');
    pubrel(first, 1);
    publish(connection(), 1, 'a');
    expect(witness.copies('a')).toBe(1);
  });

  it('counts one that is repeated before PUBREL as right', () => {
    publish(connection(), 1, 'a');
    publish(connection(), 1, 'a');
    expect(witness.copies('a')).toBe(0);
    expect(witness.saw('a')).toBe(true);
    expect(witness.saw('b')).toBe(false);
  });

  it('knows a packet id that stands for another message by now', () => {
    const watch = connection();
    publish(watch, 1, 'a');
    pubrel(watch, 1);
    publish(watch, 1, 'b');
    publish(connection(), 1, 'b');
    expect([witness.copies('a'), witness.copies('b')]).toEqual([0, 0]);
  });

  it('takes copies of a message for several filters for several messages', () => {
    const watch = five();
    publishFor(watch, 1, 65, 'a');
    pubrel(watch, 1);
    publishFor(watch, 2, 129, 'a');
    expect(witness.copies('a')).toBe(0);
    publishFor(five(), 1, 65, 'a');
    expect(witness.copies('a')).toBe(1);
  });

  it('knows where the broker has kept back the copy for a filter', () => {
    const watch = five();
    subscribes(watch, 1, 'x/#', 65);
    subscribes(watch, 2, 'x/+', 129);
    publishFor(watch, 1, 65, 'one');
    publishFor(watch, 2, 65, 'both');
    publishFor(watch, 3, 129, 'both');
    expect(witness.withheld('one', ['x/+'])).toBe(true);
    expect(witness.withheld('one', ['x/#'])).toBe(false);
    expect(witness.withheld('one', ['x/+', 'x/#'])).toBe(false); // it is got by the older one
    expect(witness.withheld('one', ['y'])).toBe(false); // the gateway has not asked for it
    expect(witness.withheld('both', ['x/+'])).toBe(false);
    expect(witness.withheld('none', ['x/+'])).toBe(false);
  });

  it('knows which messages the broker has swapped, at first or when it repeats them', () => {
    const first = connection();
    for (const [index, payload] of ['a', 'b', 'd', 'c'].entries()) {
      publish(first, index + 1, payload);
    }
    const second = connection();
    publish(second, 2, 'b');
    publish(second, 1, 'a');
    expect(witness.swapped('a', 'b')).toBe(true);
    expect(witness.swapped('c', 'd')).toBe(true);
    expect(witness.swapped('b', 'c')).toBe(false);
    expect(witness.swapped('a', 'never sent')).toBe(false);
  });

  it('excuses in the books what was the own of the broker, and nothing more', () => {
    const books = new Books(witness);
    const first = connection();
    for (const [index, payload] of ['a', 'b'].entries()) {
      publish(first, index + 1, payload);
      books.sends(payload, { receiver: 'c', topic: 't', qos: 2 });
      pubrel(first, index + 1);
    }
    const second = connection();
    publish(second, 2, 'b');
    publish(second, 1, 'a');
    for (const payload of ['b', 'a', 'a', 'a']) {
      books.arrives({ receiver: 'c', topic: 't', payload });
    }
    expect(books.differences()).toEqual(['repeated: a (QoS 2) arrived 3 times at c']);
    expect(books.excused).toBe(1);
  });
});
