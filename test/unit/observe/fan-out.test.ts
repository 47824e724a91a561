import { describe, expect, it } from '@jest/globals';
import { FanOut } from '../../../src/observe/fan-out.ts';
import type { Note, Observer } from '../../../src/ports/observer.ts';
import { octets } from '../codec/vectors.ts';
import { NOTES } from './notes.ts';

class Witness implements Observer {
  readonly seen: (Note | [string, string, Uint8Array])[] = [];
  wantsFrames: boolean;
  /** What it does with a note once it has seen it. */
  readonly #then: () => void;

  constructor(wantsFrames = false, then = (): void => undefined) {
    this.wantsFrames = wantsFrames;
    this.#then = then;
  }

  note(note: Note): void {
    this.seen.push(note);
    this.#then();
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

  it('are told what comes with every message, but for those who skip that', () => {
    const [first, second] = [new Witness(), new Witness()];
    const skipping = Object.assign(new Witness(), { skipsMessages: true as const });
    const all = new FanOut(first, skipping);
    all.add(second);
    const notes = [NOTES['client-published'], NOTES['client-awake'], NOTES.delivered];
    for (const note of notes) {
      all.note(note);
    }
    expect([first.seen, second.seen, skipping.seen]).toEqual([notes, notes, [NOTES['client-awake']]]);
    all.remove(first);
    all.note(NOTES.delivered);
    expect([first.seen.length, second.seen.length]).toEqual([3, 4]);
  });

  it('are told the rest of what comes with a message where one of them throws', () => {
    const last = new Witness();
    const thrower = new Witness(false, () => {
      throw new Error('broken');
    });
    new FanOut(thrower, last).note(NOTES['client-published']);
    const failed = expect.objectContaining({ type: 'observer-failed' });
    expect(last.seen).toEqual([failed, NOTES['client-published']]);
  });

  it('are not asked for frames where they have nothing to take one with', () => {
    const seen: Note[] = [];
    const notes = { note: (note: Note) => seen.push(note), wantsFrames: true };
    const [wants, all] = [new Witness(true), new FanOut(notes)];
    expect(all.wantsFrames).toBe(false);
    all.add(wants);
    expect(all.wantsFrames).toBe(true);
    all.frame('sent', 'udp:a:1', octets('02 17'));
    expect([seen.length, wants.seen.length]).toEqual([0, 1]);
    all.remove(wants);
    expect(all.wantsFrames).toBe(false);
  });

  it('want frames where one of them does', () => {
    expect(new FanOut().wantsFrames).toBe(false);
    expect(new FanOut(new Witness(false), new Witness(false)).wantsFrames).toBe(false);
    expect(new FanOut(new Witness(false), new Witness(true)).wantsFrames).toBe(true);
  });

  it('want frames as long as one of them does, also where it changes its mind', () => {
    const [fickle, other] = [new Witness(false), new Witness(false)];
    const all = new FanOut(fickle, other);
    fickle.wantsFrames = true;
    expect(all.wantsFrames).toBe(true);
    fickle.wantsFrames = false;
    expect(all.wantsFrames).toBe(false);
    all.frame('sent', 'udp:a:1', octets('02 17'));
    expect(fickle.seen).toEqual([]);
  });
});

const AWAKE = NOTES['client-awake'];
const LOST = NOTES['client-lost'];
const FRAME = octets('02 17');

describe('observers that come and go', () => {
  it('are told from the moment on at which they are added', () => {
    const [first, second] = [new Witness(), new Witness(true)];
    const all = new FanOut(first);
    all.note(AWAKE);
    expect(all.wantsFrames).toBe(false);
    all.add(second);
    all.note(LOST);
    expect(all.wantsFrames).toBe(true);
    all.frame('received', 'udp:a:1', FRAME);
    expect([first.seen, second.seen]).toEqual([
      [AWAKE, LOST],
      [LOST, ['received', 'udp:a:1', FRAME]],
    ]);
  });

  it('are told nothing more once they are removed', () => {
    const [first, second] = [new Witness(), new Witness(true)];
    const all = new FanOut(first, second);
    all.note(AWAKE);
    all.remove(second);
    all.note(LOST);
    all.frame('received', 'udp:a:1', FRAME);
    expect([first.seen, second.seen]).toEqual([[AWAKE, LOST], [AWAKE]]);
    expect(all.wantsFrames).toBe(false);
  });

  it('are there once, however often they are added, and gone after one removal', () => {
    const one = new Witness();
    const all = new FanOut(one, one);
    all.add(one);
    all.note(AWAKE);
    expect(one.seen).toEqual([AWAKE]);
    all.remove(one);
    all.note(AWAKE);
    expect(one.seen).toEqual([AWAKE]);
  });

  it('leave the others alone where one is removed that was never there', () => {
    const one = new Witness();
    const all = new FanOut(one);
    all.remove(new Witness());
    all.note(AWAKE);
    expect(one.seen).toEqual([AWAKE]);
  });

  it('may be added from inside a note, and hear from the next one on', () => {
    const late = new Witness();
    const first = new Witness(false, () => all.add(late));
    const last = new Witness();
    const all = new FanOut(first, last);
    all.note(AWAKE);
    expect([first.seen, last.seen, late.seen]).toEqual([[AWAKE], [AWAKE], []]);
    all.note(LOST);
    expect([first.seen, last.seen, late.seen]).toEqual([[AWAKE, LOST], [AWAKE, LOST], [LOST]]);
  });

  it('may remove themselves from inside a note, and nobody is left out for that', () => {
    const first = new Witness(false, () => all.remove(first));
    const [second, third] = [new Witness(), new Witness()];
    const all = new FanOut(first, second, third);
    all.note(AWAKE);
    all.note(LOST);
    expect([first.seen, second.seen, third.seen]).toEqual([[AWAKE], [AWAKE, LOST], [AWAKE, LOST]]);
  });

  it('are not told even of the note during which another one removes them', () => {
    const removed = new Witness(true);
    const first = new Witness(false, () => all.remove(removed));
    const last = new Witness();
    const all = new FanOut(first, removed, last);
    all.note(AWAKE);
    expect([first.seen, removed.seen, last.seen]).toEqual([[AWAKE], [], [AWAKE]]);
  });

  it('are not told of the frame during which another one removes them', () => {
    const removed = new Witness(true);
    const all: FanOut = new FanOut(
      { note: () => undefined, wantsFrames: true, frame: () => all.remove(removed) },
      removed,
    );
    all.frame('sent', 'udp:a:1', FRAME);
    expect(removed.seen).toEqual([]);
  });
});

describe('an observer that throws', () => {
  const noRoom = new Error('no room');
  const fail = (): never => {
    throw noRoom;
  };
  const FAILED = { type: 'observer-failed', reason: noRoom.stack };

  it('keeps no note from the others; all are told of it', () => {
    const [before, after] = [new Witness(), new Witness()];
    new FanOut(before, new Witness(false, fail), after).note(AWAKE);
    expect(before.seen).toEqual([AWAKE, FAILED]);
    expect(after.seen).toEqual([FAILED, AWAKE]);
  });

  it('is told of what comes next, and of its failure, however often it throws', () => {
    const bad = new Witness(false, fail);
    const all = new FanOut(bad);
    all.note(AWAKE);
    all.note(LOST);
    expect(bad.seen).toEqual([AWAKE, FAILED, LOST, FAILED]);
  });

  it('is told of once, where a second one throws at that', () => {
    const [one, other, witness] = [new Witness(false, fail), new Witness(false, fail), new Witness()];
    new FanOut(one, other, witness).note(AWAKE);
    expect(witness.seen).toEqual([FAILED, FAILED, AWAKE]);
  });

  it('keeps no frame from the others', () => {
    const [bad, witness] = [{ note: () => undefined, wantsFrames: true, frame: fail }, new Witness(true)];
    new FanOut(bad, witness).frame('sent', 'udp:a:1', FRAME);
    expect(witness.seen).toEqual([FAILED, ['sent', 'udp:a:1', FRAME]]);
  });

  it('wants no frames where it throws when it is asked', () => {
    const bad = {
      note: () => undefined,
      get wantsFrames(): boolean {
        return fail();
      },
      frame: () => undefined,
    };
    const witness = new Witness(true);
    const all = new FanOut(bad, witness);
    expect(all.wantsFrames).toBe(true);
    all.frame('sent', 'udp:a:1', FRAME);
    expect(witness.seen).toEqual([FAILED, FAILED, ['sent', 'udp:a:1', FRAME]]);
    all.remove(witness);
    expect(all.wantsFrames).toBe(false);
  });

  it.each([undefined, 'a text', Object.create(null)])('may throw what is no Error: %p', (thrown) => {
    const witness = new Witness();
    const bad = new Witness(false, () => {
      throw thrown;
    });
    new FanOut(bad, witness).note(AWAKE);
    expect(witness.seen).toEqual([{ type: 'observer-failed', reason: 'what it threw is no Error' }, AWAKE]);
  });
});
