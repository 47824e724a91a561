import { describe, expect, it } from '@jest/globals';
import { MARK } from '../../../src/store/association-slot.ts';
import { MarkImage } from '../../../src/store/mark-image.ts';

const NOW = 1_700_000_000_000;

function mark(slot: number | undefined, highest: number) {
  return { slot, received: { highest, near: 1, far: 0 }, seed: 7 };
}

describe('receive marks of one turn', () => {
  it('are written together where they are near each other, in the order of their slots, whatever came first', () => {
    const image = new MarkImage(Buffer.alloc(0));
    const runs = image.drawTurn([mark(300, 1), mark(2, 1), mark(undefined, 9), mark(130, 1), mark(2, 2)], NOW);
    expect(runs).toEqual([
      { first: 2, last: 130 },
      { first: 300, last: 300 },
    ]);
  });

  it('leave those in between as they are', () => {
    const image = new MarkImage(Buffer.alloc(0));
    image.drawTurn([mark(1, 41)], NOW);
    const before = Buffer.from(image.octets.subarray(MARK, 2 * MARK));
    expect(image.drawTurn([mark(0, 5), mark(2, 6)], NOW + 1)).toEqual([{ first: 0, last: 2 }]);
    expect(image.octets.subarray(MARK, 2 * MARK)).toEqual(before);
    expect([0, 1, 2].map((slot) => image.octets.readDoubleBE(slot * MARK))).toEqual([5, 41, 6]);
  });

  it('are nothing to write where there are none', () => {
    expect(new MarkImage(Buffer.alloc(0)).drawTurn([mark(undefined, 1)], NOW)).toEqual([]);
  });
});
