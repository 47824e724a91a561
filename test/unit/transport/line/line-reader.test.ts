import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LineReader } from '../../../../src/transport/line/line-reader.ts';
import { makeApiFraming } from '../../../../src/transport/xbee/codec/api-framing.ts';
import { hexOf, octetsOf } from '../../../support/raw-sensor.ts';

const GAP = 100;
const WHOLE = '7e 00 02 8a 06 6f';
const [HEAD, TAIL] = ['7e 00 02', '8a 06 6f'];

/** A reader of frames of API mode 2, and what it has told. */
function bench() {
  const told: string[] = [];
  const reader = new LineReader({
    framing: makeApiFraming(2),
    interFrameGap: GAP,
    frame: (frame) => told.push(hexOf(frame)),
    discarded: (octets, reason) => told.push(`${octets} ${reason}`),
  });
  const receive = (octets: string): void => reader.receive(octetsOf(octets));
  return { reader, receive, told };
}

describe('reader of a line', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('tells frames and what was thrown away, in their order', () => {
    const { receive, told } = bench();
    receive(`55 ${WHOLE} aa bb ${WHOLE}`);
    expect(told).toEqual(['1 noise', '8a 06', '2 noise', '8a 06']);
  });

  it('waits for nothing between frames', () => {
    const { receive } = bench();
    receive(HEAD);
    expect(jest.getTimerCount()).toBe(1);
    receive(TAIL);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives a frame up when the line has been silent inside it for the whole gap', () => {
    const { receive, told } = bench();
    receive(HEAD);
    jest.advanceTimersByTime(GAP - 1);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['3 incomplete']);
    expect(jest.getTimerCount()).toBe(0);
    receive(`${TAIL} ${WHOLE}`);
    expect(told).toEqual(['3 incomplete', '3 noise', '8a 06']);
  });

  it('counts the silence from the last octet', () => {
    const { receive, told } = bench();
    receive(HEAD);
    jest.advanceTimersByTime(90);
    receive('8a');
    jest.advanceTimersByTime(99);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['4 incomplete']);
  });

  it('takes a frame that comes slowly, as long as no pause is too long', () => {
    const { receive, told } = bench();
    for (const octet of WHOLE.split(' ')) {
      receive(octet);
      jest.advanceTimersByTime(GAP - 1);
    }
    expect(told).toEqual(['8a 06']);
  });

  it('starts a new silence with the next frame', () => {
    const { receive, told } = bench();
    receive(HEAD);
    jest.advanceTimersByTime(60);
    receive(`${TAIL} ${HEAD}`);
    jest.advanceTimersByTime(99);
    expect(told).toEqual(['8a 06']);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['8a 06', '3 incomplete']);
  });

  it('discards what is unfinished when the line ends', () => {
    const { reader, receive, told } = bench();
    receive(HEAD);
    reader.end();
    expect(told).toEqual(['3 incomplete']);
    expect(jest.getTimerCount()).toBe(0);
    receive(WHOLE);
    expect(told).toEqual(['3 incomplete', '8a 06']);
  });

  it('tells nothing by itself after it has been stopped', () => {
    const { reader, receive, told } = bench();
    receive(HEAD);
    reader.stop();
    jest.advanceTimersByTime(10_000);
    expect(told).toEqual([]);
  });

  describe('in a process that is busy', () => {
    /** By how much timers are late. */
    let late = 0;
    /** How fast the clock goes while timers wait for their time. */
    let speed = 1;
    beforeEach(() => {
      late = 0;
      speed = 1;
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() * speed + late);
    });

    it('does not cut a frame whose rest has come meanwhile', () => {
      const { receive, told } = bench();
      receive(HEAD);
      jest.advanceTimersByTime(50);
      late = 300; // the rest came in these 300 ms; the timer is served before it
      jest.advanceTimersByTime(50);
      receive(TAIL);
      expect(told).toEqual(['8a 06']);
    });

    it('gives a frame up one gap later, where nothing has come', () => {
      const { receive, told } = bench();
      receive(HEAD);
      jest.advanceTimersByTime(50);
      late = 300;
      jest.advanceTimersByTime(50 + GAP - 1);
      expect(told).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(told).toEqual(['3 incomplete']);
    });

    it('takes a timer that is a little late for silence', () => {
      const { receive, told } = bench();
      receive(HEAD);
      late = 5;
      jest.advanceTimersByTime(GAP);
      expect(told).toEqual(['3 incomplete']);
    });

    it('gives a frame up at last, although every timer is late', () => {
      const { receive, told } = bench();
      speed = 1.2; // 20 ms in every gap
      receive(HEAD);
      jest.advanceTimersByTime(10 * GAP);
      expect(told).toEqual(['3 incomplete']);
    });
  });
});
