import { beforeEach, describe, expect, it } from '@jest/globals';
import { Books } from './books.ts';

let books: Books;

beforeEach(() => {
  books = new Books();
});

function sends(payload: string, qos: 1 | 2 = 1): void {
  books.sends(payload, { receiver: 'a', topic: 't', qos });
}

function arrives(payload: string, receiver = 'a', topic = 't'): void {
  books.arrives({ receiver, topic, payload });
}

describe('the books of the crash test', () => {
  it('balance when everything arrived in order, QoS 1 perhaps again', () => {
    sends('1');
    sends('2');
    sends('3', 2);
    books.acknowledges('1');
    books.acknowledges('2');
    expect(books.missing).toBe(2);
    for (const payload of ['1', '2', '1', '2', '3']) {
      arrives(payload);
    }
    expect(books.missing).toBe(0);
    expect(books.differences()).toEqual([]);
    expect(books.figures(() => true)).toEqual({ sent: 3, acknowledged: 2, arrived: 3, repeatedQos1: 2 });
  });

  it('balance without what was never acknowledged', () => {
    sends('1', 2);
    expect(books.missing).toBe(0);
    expect(books.differences()).toEqual([]);
  });

  it('tell what was acknowledged and lost', () => {
    sends('1');
    books.acknowledges('1');
    expect(books.differences()).toEqual(['lost: 1 (QoS 1) was acknowledged and never arrived at a']);
  });

  it('tell a QoS 2 message that came twice, acknowledged or not', () => {
    sends('1', 2);
    arrives('1');
    arrives('1');
    expect(books.differences()).toEqual(['repeated: 1 (QoS 2) arrived 2 times at a']);
  });

  it('tell what went astray, and what nobody sent', () => {
    sends('1');
    arrives('1');
    arrives('1', 'b');
    arrives('1', 'a', 'u');
    arrives('2');
    expect(books.differences()).toEqual([
      'astray: 1 for a on t arrived at b on t',
      'astray: 1 for a on t arrived at a on u',
      'unknown: a got "2" on t, which nobody sent',
    ]);
  });

  it('tell a first arrival out of order', () => {
    sends('1');
    sends('2');
    arrives('2');
    arrives('1');
    arrives('2');
    expect(books.differences()).toEqual(['order: 1 arrived first at a after 2']);
  });

  it('tell what was remarked', () => {
    books.remark('strange');
    expect(books.differences()).toEqual(['strange']);
  });
});
