import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DiscardReason, Finding, Framing } from '../../../../../src/transport/framing/framing.ts';
import { MAX_FRAME_DATA, makeApiFraming } from '../../../../../src/transport/xbee/codec/api-framing.ts';
import { hexOf, octetsOf } from '../../../../support/raw-sensor.ts';
import { rounds } from '../../../../support/rounds.ts';
import { type ApiMode, apiFrame, checksum } from '../../../../support/xbee-api-frames.ts';

/** What a vector says was found: a frame, or octets that were thrown away. */
type Found = { readonly frame: string } | { readonly discarded: number; readonly reason: DiscardReason };

const VECTORS = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/framing/xbee.json', import.meta.url), 'utf8'),
) as {
  readonly valid: readonly {
    readonly name: string;
    readonly apiMode: ApiMode;
    readonly octets: string;
    readonly data: string;
  }[];
  readonly damaged: readonly {
    readonly name: string;
    readonly apiMode: ApiMode;
    readonly octets: string;
    readonly findings: readonly Found[];
  }[];
};

const MODES: readonly ApiMode[] = [1, 2];
const DELIMITER = 0x7e;

/** Octets in pieces that end at `cuts`, then silence. */
function read(framing: Framing, octets: Uint8Array, cuts: readonly number[] = []): Finding[] {
  const ends = [...cuts.filter((cut) => cut < octets.length).toSorted((one, other) => one - other), octets.length];
  const came = ends.flatMap((end, i) => framing.receive(octets.slice(ends[i - 1] ?? 0, end)));
  return [...came, ...framing.gap()];
}

/** Discards that follow each other are one, for the first reason: how they are told apart depends on the pieces in which octets come. */
function joined(findings: readonly Finding[]): Found[] {
  const found: Found[] = [];
  for (const finding of findings) {
    const last = found.at(-1);
    if (finding.type === 'frame') {
      found.push({ frame: hexOf(finding.frame) });
    } else if (last !== undefined && 'discarded' in last) {
      found.splice(-1, 1, { discarded: last.discarded + finding.octets, reason: last.reason });
    } else {
      found.push({ discarded: finding.octets, reason: finding.reason });
    }
  }
  return found;
}

const everyOctet = (octets: Uint8Array): number[] => [...octets.keys()];
const framesOf = (findings: readonly Finding[]): string[] =>
  findings.flatMap((finding) => (finding.type === 'frame' ? [hexOf(finding.frame)] : []));

describe('frames of the documentation', () => {
  it.each(VECTORS.valid)('API mode $apiMode: $name is found', ({ apiMode, octets, data }) => {
    expect(joined(read(makeApiFraming(apiMode), octetsOf(octets)))).toEqual([{ frame: data }]);
  });

  it.each(VECTORS.valid)('API mode $apiMode: $name is sent', ({ apiMode, octets, data }) => {
    expect(hexOf(makeApiFraming(apiMode).encode(octetsOf(data)))).toBe(octets);
  });

  it.each(MODES)('API mode %i: all of them back to back are found, however they are cut', (mode) => {
    const vectors = VECTORS.valid.filter(({ apiMode }) => apiMode === mode);
    const stream = octetsOf(vectors.map(({ octets }) => octets).join(' '));
    const all = vectors.map(({ data }) => ({ frame: data }));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        expect(joined(read(makeApiFraming(mode), stream, cuts))).toEqual(all);
      }),
      { numRuns: 300, examples: [[everyOctet(stream)]] },
    );
  });
});

describe('damaged octets', () => {
  it.each(VECTORS.damaged)('API mode $apiMode: $name', ({ apiMode, octets, findings }) => {
    expect(joined(read(makeApiFraming(apiMode), octetsOf(octets)))).toEqual(findings);
  });

  it.each(VECTORS.damaged)('API mode $apiMode: $name, octet by octet', ({ apiMode, octets, findings }) => {
    const stream = octetsOf(octets);
    expect(joined(read(makeApiFraming(apiMode), stream, everyOctet(stream)))).toEqual(findings);
  });

  it.each(VECTORS.damaged)(
    'API mode $apiMode: a frame that comes after $name and a gap is found',
    ({ apiMode, octets }) => {
      const framing = makeApiFraming(apiMode);
      read(framing, octetsOf(octets));
      expect(framing.unfinished).toBe(false);
      expect(joined(framing.receive(octetsOf('7e 00 02 8a 06 6f')))).toEqual([{ frame: '8a 06' }]);
    },
  );
});

describe.each(MODES)('API mode %i', (mode) => {
  it('is unfinished inside a frame only', () => {
    const framing = makeApiFraming(mode);
    const unfinished = [...octetsOf('55 7e 00 02 8a 06 6f 55')].map((octet) => {
      framing.receive(Uint8Array.of(octet));
      return framing.unfinished;
    });
    expect(unfinished).toEqual([false, true, true, true, true, true, false, false]);
  });

  it('has nothing to tell of a gap between frames', () => {
    const framing = makeApiFraming(mode);
    expect(framing.gap()).toEqual([]);
    framing.receive(octetsOf('7e 00 02 8a 06 6f'));
    expect(framing.gap()).toEqual([]);
  });

  it('takes a frame of the longest length, and none that is longer', () => {
    const longest = new Uint8Array(MAX_FRAME_DATA).fill(0x41);
    expect(framesOf(read(makeApiFraming(mode), apiFrame(longest, mode)))).toEqual([hexOf(longest)]);
    const tooLong = apiFrame(new Uint8Array(MAX_FRAME_DATA + 1).fill(0x41), mode);
    expect(joined(read(makeApiFraming(mode), tooLong))).toEqual([{ discarded: tooLong.length, reason: 'tooLong' }]);
  });

  it('gives frames whose memory nobody writes to again', () => {
    const framing = makeApiFraming(mode);
    const piece = Buffer.from(octetsOf('7e 00 02 8a 06 6f'));
    const [first] = framing.receive(piece);
    piece.fill(0);
    framing.receive(octetsOf('7e 00 02 8a 00 75'));
    expect(first).toEqual({ type: 'frame', frame: octetsOf('8a 06') });
  });

  it.each([
    ['false starts of the longest length', [DELIMITER, 0x02, 0x00, 0x41]],
    ['delimiters', [DELIMITER]],
    ['a frame that never ends', [0x41]],
    ['escapes', [0x7d, 0x41]],
    ['Lengths of 0', [DELIMITER, 0, 0, 0]],
  ])('holds no more than one frame of %s', (_name, pattern) => {
    const framing = makeApiFraming(mode);
    let held = 0;
    let most = 0;
    const take = (piece: Uint8Array): void => {
      held += piece.length;
      for (const finding of framing.receive(piece)) {
        held -= finding.type === 'frame' ? finding.frame.length + 4 : finding.octets;
      }
      most = Math.max(most, held);
    };
    take(Uint8Array.of(DELIMITER, 0x02, 0x00));
    for (let i = 0; i < 1_000; i++) {
      take(Uint8Array.from({ length: 97 }, (_, at) => pattern[(i * 97 + at) % pattern.length] as number));
    }
    expect(most).toBeLessThan((MAX_FRAME_DATA + 4) * mode);
  });
});

const smallData = fc.uint8Array({ minLength: 1, maxLength: 24 });
const specialData = fc
  .array(fc.constantFrom(0x7e, 0x7d, 0x11, 0x13, 0x00, 0x02, 0x5e), { minLength: 1, maxLength: 12 })
  .map((list) => Uint8Array.from(list));
const frameData = fc.oneof(
  { weight: 6, arbitrary: smallData },
  { weight: 3, arbitrary: specialData },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 200, maxLength: 300 }) },
);
/** Noise in which false starts are frequent. */
const noise = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.nat(0xff) },
      { weight: 1, arbitrary: fc.constantFrom(0x7e, 0x7d, 0x00, 0x01, 0x10) },
    ),
    { maxLength: 12 },
  )
  .map((list) => Uint8Array.from(list));
const damage = fc.tuple(fc.constantFrom('drop', 'flip'), fc.nat(400), fc.nat(7));

/** One stretch of a stream. */
type Part = { readonly octets: Uint8Array; readonly data: Uint8Array | undefined };

function partOf(mode: ApiMode): fc.Arbitrary<Part> {
  const whole = frameData.map((data): Part => ({ octets: apiFrame(data, mode), data }));
  const broken = fc
    .tuple(whole, fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([{ octets }, changes]): Part => {
      const list = [...octets];
      for (const [kind, where, bit] of changes) {
        const at = where % list.length;
        if (kind === 'drop') {
          list.splice(at, 1);
        } else {
          list[at] = (list[at] as number) ^ (1 << bit);
        }
      }
      return { octets: Uint8Array.from(list), data: undefined };
    });
  return fc.oneof(
    whole,
    noise.map((octets): Part => ({ octets, data: undefined })),
    broken,
  );
}

function streamOf(parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(({ octets }) => [...octets]));
}

/** Parts of a stream, and where it is cut. */
const streams = (mode: ApiMode) =>
  fc.tuple(fc.array(partOf(mode), { maxLength: 12 }), fc.array(fc.nat(800), { maxLength: 20 }));

/** Whether all of `some` are in `all`, in their order. */
function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const each of all) {
    if (each === some[at]) {
      at++;
    }
  }
  return at === some.length;
}

const RUNS = { numRuns: rounds(600) };

describe('a stream with noise between frames, octets dropped and bits flipped, in API mode 1', () => {
  /** Where each frame that was found stood in the stream: all that comes is either in a frame or discarded. */
  function placed(
    findings: readonly Finding[],
  ): { readonly from: number; readonly to: number; readonly data: Uint8Array }[] {
    const places: { from: number; to: number; data: Uint8Array }[] = [];
    let at = 0;
    for (const finding of findings) {
      const from = at;
      at += finding.type === 'frame' ? finding.frame.length + 4 : finding.octets;
      if (finding.type === 'frame') {
        places.push({ from, to: at, data: finding.frame });
      }
    }
    return places;
  }

  it('yields nothing that does not stand in it with its Length and its checksum, and accounts for every octet', () => {
    fc.assert(
      fc.property(streams(1), ([parts, cuts]) => {
        const stream = streamOf(parts);
        const findings = read(makeApiFraming(1), stream, cuts);
        for (const { from, to, data } of placed(findings)) {
          expect(hexOf(stream.subarray(from, to))).toBe(
            hexOf(Uint8Array.of(DELIMITER, data.length >> 8, data.length & 0xff, ...data, checksum(data))),
          );
        }
        const octets = findings.map((finding) =>
          finding.type === 'frame' ? finding.frame.length + 4 : finding.octets,
        );
        expect(octets.reduce((sum, some) => sum + some, 0)).toBe(stream.length);
      }),
      RUNS,
    );
  });

  it('yields every undamaged frame, save where one that fits by chance lies over it', () => {
    fc.assert(
      fc.property(streams(1), ([parts, cuts]) => {
        const yielded = placed(read(makeApiFraming(1), streamOf(parts), cuts));
        let from = 0;
        for (const { octets, data } of parts) {
          const to = from + octets.length;
          const isFound = yielded.some((frame) => frame.from < to && frame.to > from);
          expect(data === undefined || isFound).toBe(true);
          from = to;
        }
      }),
      RUNS,
    );
  });
});

describe('a stream with noise between frames, octets dropped and bits flipped, in API mode 2', () => {
  /** Without escapes; one at the end is left as it is. */
  function unescaped(octets: Uint8Array): number[] {
    const plain: number[] = [];
    for (let at = 0; at < octets.length; at++) {
      const isEscape = octets[at] === 0x7d && at + 1 < octets.length;
      plain.push(isEscape ? (octets[++at] as number) ^ 0x20 : (octets[at] as number));
    }
    return plain;
  }

  /** Frame data of each stretch between delimiters that is a frame by the definition. */
  function wellFormed(stream: Uint8Array): string[] {
    const starts = [...stream.keys()].filter((at) => stream[at] === DELIMITER);
    return starts.flatMap((start, i) => {
      const [high = 0, low = 0, ...rest] = unescaped(stream.subarray(start + 1, starts[i + 1]));
      const length = (high << 8) | low;
      const data = Uint8Array.from(rest.slice(0, length));
      return length > 0 && rest[length] === checksum(data) ? [hexOf(data)] : [];
    });
  }

  it('yields nothing but what stands well-formed behind a delimiter', () => {
    fc.assert(
      fc.property(streams(2), ([parts, cuts]) => {
        const stream = streamOf(parts);
        expect(isSubsequence(framesOf(read(makeApiFraming(2), stream, cuts)), wellFormed(stream))).toBe(true);
      }),
      RUNS,
    );
  });

  it('yields every undamaged frame, always', () => {
    fc.assert(
      fc.property(streams(2), ([parts, cuts]) => {
        const undamaged = parts.flatMap(({ data }) => (data === undefined ? [] : [hexOf(data)]));
        expect(isSubsequence(undamaged, framesOf(read(makeApiFraming(2), streamOf(parts), cuts)))).toBe(true);
      }),
      RUNS,
    );
  });
});

describe.each(MODES)('a stream in API mode %i', (mode) => {
  it('is found the same, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(streams(mode), ([parts, cuts]) => {
        const stream = streamOf(parts);
        const atOnce = joined(read(makeApiFraming(mode), stream));
        expect(joined(read(makeApiFraming(mode), stream, cuts))).toEqual(atOnce);
        expect(joined(read(makeApiFraming(mode), stream, everyOctet(stream)))).toEqual(atOnce);
      }),
      { numRuns: rounds(250) },
    );
  });

  it('with noise that holds no delimiter gives every frame, and the noise as noise', () => {
    const quiet = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((octets) => octets.map((octet) => (octet === DELIMITER ? 0x55 : octet)));
    fc.assert(
      fc.property(fc.array(fc.tuple(quiet, frameData), { maxLength: 8 }), fc.array(fc.nat(800)), (pairs, cuts) => {
        const stream = Uint8Array.from(pairs.flatMap(([before, data]) => [...before, ...apiFrame(data, mode)]));
        expect(joined(read(makeApiFraming(mode), stream, cuts))).toEqual(
          pairs.flatMap(([before, data]) => [{ discarded: before.length, reason: 'noise' }, { frame: hexOf(data) }]),
        );
      }),
      { numRuns: rounds(250) },
    );
  });

  it('that we have encoded is what a module takes', () => {
    fc.assert(
      fc.property(frameData, (data) => {
        expect(hexOf(makeApiFraming(mode).encode(data))).toBe(hexOf(apiFrame(data, mode)));
      }),
    );
  });
});
