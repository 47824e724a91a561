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
