import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const ROOT = new URL('../../..', import.meta.url).pathname;
const read = (name: string) => JSON.parse(readFileSync(`${ROOT}${name}`, 'utf8'));

interface Locked {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
}

/** Whether a range has the oldest Node.js with which the gateway runs: `>=18`, `^20.17.0 || >=22`, `20 || 22`. */
function takesOldest(range: string, oldest: readonly [number, number]): boolean {
  return range.split('||').some((part) => {
    const [, sign = '', major = '', minor = '0'] = /(>=|\^|~)?\s*v?(\d+|\*)(?:\.(\d+))?/.exec(part) ?? [];
    const [version, least] = [Number(major), Number(minor)];
    const isNewer = version < oldest[0] || (version === oldest[0] && least <= oldest[1]);
    return major === '*' || (sign === '>=' ? isNewer : version === oldest[0] && isNewer);
  });
}

describe('the packages that npm ci installs', () => {
  it('run with the oldest Node.js that package.json names: npm would warn of each that does not (EBADENGINE)', () => {
    const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(read('package.json').engines.node) ?? [];
    const oldest = [Number(major), Number(minor)] as const;
    const locked: Record<string, Locked> = read('package-lock.json').packages;
    const ranges = Object.entries(locked).flatMap(([path, { version, engines }]) =>
      engines?.node === undefined ? [] : [{ what: `${path} ${version}: ${engines.node}`, range: engines.node }],
    );
    expect(ranges.length).toBeGreaterThan(100);
    expect(ranges.filter(({ range }) => !takesOldest(range, oldest)).map(({ what }) => what)).toEqual([]);
  });
});
