import { describe, expect, it } from '@jest/globals';
import { AddressBook } from '../../../../src/transport/xbee/address-book.ts';

const node = (n: number): string => n.toString(16).padStart(16, '0');

/** A book in which nodes 1 to `nodes` were heard in turn, each with 16-bit address 7d84. */
function bookOf(nodes: number): AddressBook {
  const book = new AddressBook();
  for (let n = 1; n <= nodes; n++) {
    book.learn(node(n), '7d84');
  }
  return book;
}

describe('address book', () => {
  it('knows the last 16-bit address of a node', () => {
    const book = new AddressBook();
    expect(book.shortOf(node(1))).toBeUndefined();
    book.learn(node(1), '7d84');
    book.learn(node(2), '1234');
    book.learn(node(1), '0a0b');
    expect([node(1), node(2)].map((each) => book.shortOf(each))).toEqual(['0a0b', '1234']);
  });

  it('keeps what it knows where a node is heard without its 16-bit address', () => {
    const book = bookOf(1);
    book.learn(node(1), undefined);
    expect(book.shortOf(node(1))).toBe('7d84');
  });

  it('forgets an address that turned out to be wrong, and learns it anew', () => {
    const book = bookOf(2);
    book.forget(node(1));
    expect([node(1), node(2)].map((each) => book.shortOf(each))).toEqual([undefined, '7d84']);
    book.learn(node(1), '7d84');
    expect(book.shortOf(node(1))).toBe('7d84');
  });

  it('remembers 1,000 nodes, and then forgets the one heard first', () => {
    const book = bookOf(1_001);
    expect([1, 2, 1_001].map((n) => book.shortOf(node(n)))).toEqual([undefined, '7d84', '7d84']);
  });

  it('does not forget a node that has been heard since, with the same address as before', () => {
    const book = bookOf(1_000);
    book.learn(node(1), '7d84');
    book.learn(node(1_001), '7d84');
    expect([1, 2, 1_001].map((n) => book.shortOf(node(n)))).toEqual(['7d84', undefined, '7d84']);
  });
});
