import { describe, expect, it } from '@jest/globals';
import { FanOut } from '../../../src/observe/fan-out.ts';
import type { Note, Observer } from '../../../src/ports/observer.ts';
import { octets } from '../codec/vectors.ts';
import { NOTES } from './notes.ts';

class Witness implements Observer {
  readonly seen: (Note | [string, string, Uint8Array])[] = [];
  readonly wantsFrames: boolean;

  constructor(wantsFrames: boolean) {
    this.wantsFrames = wantsFrames;
  }

  note(note: Note): void {
    this.seen.push(note);
  }

  frame(...frame: [string, string, Uint8Array]): void {
    this.seen.push(frame);
  }
}

describe('several observers as one', () => {
  it('all are told every note', () => {
    const [first, second] = [new Witness(false), new Witness(true)];
    new FanOut(first, second).note(NOTES['client-awake']);
    expect([first.seen, second.seen]).toEqual([[NOTES['client-awake']], [NOTES['client-awake']]]);
  });

  it('only those who want frames are told of them', () => {
    const [without, wants] = [new Witness(false), new Witness(true)];
    const frame = octets('02 17');
    new FanOut(without, wants).frame('sent', 'udp:a:1', frame);
    expect([without.seen, wants.seen]).toEqual([[], [['sent', 'udp:a:1', frame]]]);
  });

  it('want frames where one of them does', () => {
    expect(new FanOut().wantsFrames).toBe(false);
    expect(new FanOut(new Witness(false), new Witness(false)).wantsFrames).toBe(false);
    expect(new FanOut(new Witness(false), new Witness(true)).wantsFrames).toBe(true);
  });
});
