import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDoubtful, messageExtent } from '../../../../src/codec/message-extent.ts';
import type { Finding } from '../../../../src/transport/framing/framing.ts';
import { LengthFraming, type Measure } from '../../../../src/transport/framing/length-framing.ts';
import { rounds } from '../../../support/rounds.ts';
import { octets, VECTORS } from '../../codec/vectors.ts';
import {
  type FramingVectors,
  hex,
  inOnePiece,
  memoryKeptBy,
  octetByOctet,
  play,
  readFixture,
  written,
} from './framing-vectors.ts';

const { encode, decode } = readFixture('length.json') as FramingVectors;

const MAX_FRAME = 300;
const make = (maxFrame = MAX_FRAME, measure: Measure = messageExtent): LengthFraming =>
  new LengthFraming({ maxFrame, measure, isDoubtful });

/** Every valid message that may come over the line; one encapsulation inside another may not (T-46). */
const MESSAGES = VECTORS.valid.filter(({ name }) => name !== 'FORWARD nested').map(({ hex }) => octets(hex));
const message = fc.constantFrom(...MESSAGES);

/** Octets with which messages begin come often. */
const octet = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x0c, 0x16, 0x17, 0x18, 0xfe, 0xff),
  },
  { weight: 1, arbitrary: fc.nat(0xff) },
);
const noise = fc.array(octet, { maxLength: 400 });
const pieces = fc.array(
  fc.oneof({ weight: 5, arbitrary: noise.map(Uint8Array.from.bind(Uint8Array)) }, { weight: 1, arbitrary: message }),
  {
    maxLength: 8,
  },
);

describe("framing by MQTT-SN's own Length", () => {
  it.each(encode)('sends $name', ({ frame, line }) => {
    expect(hex(make().encode(octets(frame)))).toBe(line);
  });

  it.each(decode)('finds: $name', (vector) => {
    const framing = make(vector.maxFrame);
    expect(play(framing, vector.line)).toEqual(vector.findings);
    if (vector.unfinished !== undefined) {
      expect(framing.unfinished).toBe(vector.unfinished);
    }
  });

  it.each(decode)('finds the same octet by octet and in one piece: $name', (vector) => {
    expect(play(make(vector.maxFrame), octetByOctet(vector.line))).toEqual(vector.findings);
    expect(play(make(vector.maxFrame), inOnePiece(vector.line))).toEqual(vector.findings);
  });

  it('finds every message of a good line, in any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 60 }),
        (sent, sizes) => {
          const framing = make();
          let line = sent.map(hex).join('');
          const cut: string[] = [];
          for (const size of sizes) {
            cut.push(line.slice(0, size * 2));
            line = line.slice(size * 2);
          }
          // The gap: where the last one is long, whatever comes next decides whether its Length was right.
          expect(play(framing, [...cut, line, 'gap'])).toEqual(sent.map((frame) => ({ frame: hex(frame) })));
          expect(framing.unfinished).toBe(false);
        },
      ),
      { numRuns: rounds(250) },
    );
  });
});

describe('a length-framed line that loses octets', () => {
  it('reads the next message after a gap, whichever octet was lost', () => {
    fc.assert(
      fc.property(message, fc.nat(), message, (broken, lost, next) => {
        const framing = make();
        framing.receive(broken.filter((_octet, at) => at !== lost % broken.length));
        framing.gap();
        expect(framing.unfinished).toBe(false);
        expect([...framing.receive(next), ...framing.gap()].map(written)).toEqual([{ frame: hex(next) }]);
      }),
      { numRuns: rounds(500) },
    );
  });

  it('is as good as new after a gap, whatever came before', () => {
    fc.assert(
      fc.property(pieces, pieces, (before, after) => {
        const framing = make();
        for (const piece of before) {
          framing.receive(piece);
        }
        framing.gap();
        const fresh = make();
        for (const piece of after) {
          expect(framing.receive(piece).map(written)).toEqual(fresh.receive(piece).map(written));
        }
      }),
      { numRuns: rounds(250) },
    );
  });

  // No message begins with "ff ff", and "ff" before a MsgType is more than maxFrame: what is taken for a message in there has no successor.
  it.each(MESSAGES.filter(({ length }) => length < 60))('takes no message out of a payload (%#)', (inside) => {
    const maxFrame = 200;
    const payload = `ff${hex(inside)}${'ff'.repeat(80)}`;
    const publish = `${(7 + payload.length / 2).toString(16).padStart(2, '0')}0c0000010000${payload}`;
    const run = ['0217', '04100003', '030501']; // shows where the next message begins, no more
    const genuine = [...run, '030500'];
    const whole = publish.length / 2;
    expect(play(make(maxFrame), [publish, ...genuine])).toEqual([publish, ...genuine].map((frame) => ({ frame })));
    expect(play(make(maxFrame), [publish.slice(2), ...genuine])).toEqual([
      { discarded: whole - 1 + run.join('').length / 2, reason: 'noise' },
      { frame: '030500' },
    ]);
  });

  it('is back behind the third message where there is never a gap', () => {
    const lostOctet = '0c0000010000ff0218ff'; // a PUBLISH without its Length
    const framing = make(60);
    const stream = [lostOctet, '0217', '0b0c000001000032312e35', '0418012c', '0216', '030500'];
    expect(stream.map((piece) => play(framing, [piece]))).toEqual([
      [],
      [],
      [],
      [{ discarded: 27, reason: 'noise' }],
      [{ frame: '0216' }],
      [{ frame: '030500' }],
    ]);
  });
});

describe('a long frame on a length-framed line, whose Length may say 2 to 4 octets too few (T-41, I-47)', () => {
  /** A PUBLISH that claims 256 octets. */
  const claims256 = `0101000c2000010007${'55'.repeat(247)}`;
  const taken = { frame: claims256 };

  it('is held until a whole message follows it, or a gap', () => {
    const framing = make();
    expect(play(framing, [claims256])).toEqual([]);
    expect(framing.unfinished).toBe(true);
    expect(play(framing, ['gap'])).toEqual([taken]);
    expect(framing.unfinished).toBe(false);
    expect(play(framing, [claims256, '02'])).toEqual([]);
    expect(play(framing, ['16'])).toEqual([taken, { frame: '0216' }]);
  });

  it('is taken where another long one follows, which is held in turn', () => {
    const framing = make();
    expect(play(framing, [claims256, claims256])).toEqual([taken]);
    expect(play(framing, ['gap'])).toEqual([taken]);
  });

  it.each([
    ['that no message begins with', '5555', [{ discarded: 258, reason: 'noise' }]],
    ['with which one begins, but does not end', '0d0c', [{ discarded: 258, reason: 'incomplete' }]],
    ['three', '555555', [{ discarded: 259, reason: 'noise' }]],
    ['four', '55555555', [{ discarded: 260, reason: 'noise' }]],
  ])('is thrown away where octets are left behind it: %s', (_what, strays, findings) => {
    const sum = (all: ReturnType<typeof play>) =>
      all.reduce((octets, finding) => octets + ('discarded' in finding ? finding.discarded : 0), 0);
    const found = play(make(), [claims256 + strays, 'gap']);
    expect(found.filter((finding) => 'frame' in finding)).toEqual([]);
    expect(sum(found)).toBe(sum(findings));
    expect(play(make(), [claims256, strays, 'gap'])).toEqual(found);
  });

  it('does not lead into the payload: what follows counts from the next gap, or the run of three', () => {
    const framing = make();
    expect(play(framing, [`${claims256}5555`, '0216', 'gap', '0217'])).toEqual([
      { discarded: 257, reason: 'noise' },
      { discarded: 3, reason: 'incomplete' }, // 55 02 16: a GWINFO may begin like that
      { frame: '0217' },
    ]);
  });

  it('behind a forwarder is no different', () => {
    const wrapped = `04fe0001${claims256}`;
    expect(play(make(), [wrapped])).toEqual([]);
    expect(play(make(), [wrapped, 'gap'])).toEqual([{ frame: wrapped }]);
    expect(play(make(), [`${wrapped}5555`, 'gap']).filter((finding) => 'frame' in finding)).toEqual([]);
  });

  it('of less than 252 octets by its Length is not in doubt, nor one in the short form', () => {
    const long = `0100fb0c2000010007${'55'.repeat(242)}`;
    const short = `ff0c2000010007${'55'.repeat(248)}`;
    expect(play(make(), [long, short])).toEqual([{ frame: long }, { frame: short }]);
  });
});

describe('a hostile length-framed line', () => {
  it('loses no octet from its accounts, holds no more than about three frames, and yields none that is too long', () => {
    const size = (finding: Finding): number => (finding.type === 'frame' ? finding.frame.length : finding.octets);
    fc.assert(
      fc.property(pieces, fc.integer({ min: 2, max: 40 }), (line, maxFrame) => {
        const framing = make(maxFrame);
        let held = 0;
        for (const piece of line) {
          held += piece.length;
          for (const finding of framing.receive(piece)) {
            held -= size(finding);
            if (finding.type === 'frame') {
              expect(finding.frame.length).toBeLessThanOrEqual(maxFrame);
            }
          }
          expect(held).toBeLessThan(4 * maxFrame);
          if (held > 0) {
            expect(framing.unfinished).toBe(true);
          }
        }
        expect(framing.gap().reduce((sum, finding) => sum + size(finding), 0)).toBe(held);
      }),
      { numRuns: rounds(250) },
    );
  });

  it('finds the same in any pieces', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 2, max: 40 }), (line, maxFrame) => {
        const digits = line.map(hex);
        const whole = play(make(maxFrame), [digits.join('')]);
        expect(play(make(maxFrame), digits)).toEqual(whole);
        expect(play(make(maxFrame), octetByOctet(digits))).toEqual(whole);
      }),
      { numRuns: rounds(125) },
    );
  });

  it.each([
    ['zeros', '00'],
    ['the largest Length, again and again', '01ffff0c'],
    ['two messages and a wrong one', '02170217ff'],
    ['Lengths of a PUBLISH', 'ff0cff0c'],
    ['headers of encapsulations', 'fffe00'],
  ])('is searched only once, octet by octet: %s', (_name, pattern) => {
    const COUNT = 300_000;
    const repeated = octets(pattern);
    let asked = 0;
    const framing = make(65_535, (held, at) => {
      asked++;
      return messageExtent(held, at);
    });
    const one = new Uint8Array(1);
    for (let at = 0; at < COUNT; at++) {
      one[0] = repeated[at % repeated.length] ?? 0;
      framing.receive(one);
    }
    // Three questions for an octet that comes, three for one that goes.
    expect(asked).toBeLessThanOrEqual(6 * COUNT);
  });

  it('keeps no noise, and believes no measure that asks for more for ever', () => {
    const never = make(60);
    const more = make(60, () => 'more');
    const piece = new Uint8Array(65_536);
    const kept = memoryKeptBy(() => {
      for (let turn = 0; turn < 128; turn++) {
        never.receive(piece);
        more.receive(piece);
      }
    });
    expect(kept).toBeLessThan(4 * 1024 * 1024);
    expect([never, more].map(({ unfinished }) => unfinished)).toEqual([true, true]);
  });

  it('gives each frame memory of its own', () => {
    const framing = make();
    const piece = octets('0217');
    const [finding] = framing.receive(piece);
    piece.fill(0xff);
    framing.gap();
    framing.receive(octets('030500'));
    expect(finding).toEqual({ type: 'frame', frame: octets('0217') });
  });
});
