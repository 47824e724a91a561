/** The vectors of fixtures/framing, and what a framing makes of them. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Crc } from '../../../../src/transport/framing/check-sequence.ts';
import type { Finding, Framing } from '../../../../src/transport/framing/framing.ts';
import { octets } from '../../codec/vectors.ts';

/** A finding as it is written in a fixture. */
export type WrittenFinding = { readonly frame: string } | { readonly discarded: number; readonly reason: string };

export interface EncodeVector {
  readonly name: string;
  readonly crc: Crc;
  readonly frame: string;
  readonly line: string;
}

export interface DecodeVector {
  readonly name: string;
  readonly crc: Crc;
  readonly maxFrame: number;
  /** Pieces, and `gap`. */
  readonly line: readonly string[];
  readonly findings: readonly WrittenFinding[];
  readonly unfinished?: boolean;
}

export interface FramingVectors {
  readonly encode: readonly EncodeVector[];
  readonly decode: readonly DecodeVector[];
}

/** A file of fixtures/framing. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../../fixtures/framing/${name}`, import.meta.url), 'utf8'));
}

/** What is found when the pieces come one after the other. */
export function play(framing: Framing, line: readonly string[]): WrittenFinding[] {
  return line.flatMap((piece) => (piece === 'gap' ? framing.gap() : framing.receive(octets(piece)))).map(written);
}

/** The same line, each octet for itself. */
export function octetByOctet(line: readonly string[]): string[] {
  return line.flatMap((piece) => (piece === 'gap' ? [piece] : (piece.match(/../g) ?? [])));
}

/** The same line with all pieces between two gaps in one. */
export function inOnePiece(line: readonly string[]): string[] {
  return line
    .join(' ')
    .split('gap')
    .flatMap((piece, index) => [...(index > 0 ? ['gap'] : []), piece.replaceAll(' ', '')]);
}

export function written(finding: Finding): WrittenFinding {
  return finding.type === 'frame'
    ? { frame: hex(finding.frame) }
    : { discarded: finding.octets, reason: finding.reason };
}

export function hex(some: Uint8Array): string {
  return Array.from(some, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** Octets that are still held when `work` is done and the garbage is gone. */
export function memoryKeptBy(work: () => void): number {
  const before = memoryInUse();
  work();
  return memoryInUse() - before;
}

function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  collectGarbage(); // what the first has found unused is freed beside it
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}
