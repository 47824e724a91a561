import { describe, expect, it } from '@jest/globals';
import { rowWindow } from '../../../../src/http/page/model/row-window.ts';

describe('rows in sight', () => {
  it('are those in the window and a few around them', () => {
    expect(rowWindow(10_000, 40, 40_000, 800)).toEqual({ first: 992, end: 1_028 });
  });

  it('begin with the first where the list begins below the upper edge', () => {
    expect(rowWindow(10_000, 40, -300, 800)).toEqual({ first: 0, end: 21 });
  });

  it('are never more than there are', () => {
    expect(rowWindow(5, 40, -300, 800)).toEqual({ first: 0, end: 5 });
    expect(rowWindow(0, 40, 0, 800)).toEqual({ first: 0, end: 0 });
  });

  it('are none, and not fewer, where the list has become shorter than it was scrolled', () => {
    expect(rowWindow(3, 40, 40_000, 800)).toEqual({ first: 3, end: 3 });
    expect(rowWindow(3, 40, -40_000, 800)).toEqual({ first: 0, end: 0 });
  });
});
