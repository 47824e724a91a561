import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filesBelow, importsBelow } from './import-graph.ts';

/** Where no I/O, clock, promise, chance or logger may be (design 1 and 2): folders, and files by name. */
const PURE = [
  'codec/',
  'core/',
  'transport/dtls/client/',
  'transport/dtls/crypto/',
  'transport/dtls/handshake/',
  'transport/dtls/octet-reader.ts',
  'transport/dtls/records/',
  'transport/dtls/server/',
  'transport/dtls/wire-octets.ts',
  'transport/framing/',
  'transport/line/send-queue.ts',
  'transport/transport-opened.ts',
  'transport/xbee/address-book.ts',
  'transport/xbee/codec/',
  'transport/xbee/in-flight.ts',
  'transport/xbee/transmitter.ts',
];

const FORBIDDEN =
  /\b(setTimeout|setInterval|setImmediate|queueMicrotask|Promise|async|await|Date|performance|process|console|Buffer|getRandomValues|random(Bytes|Fill|FillSync|Int|UUID)|generate(Key|Prime)\w*)\b|Math\.random/;

const SRC = join(import.meta.dirname, '../../src');
const files = filesBelow(SRC).filter((file) => PURE.some((place) => file.startsWith(place)));

/** The first forbidden word of a text, comments and strings aside. */
function impurity(text: string): string | undefined {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '');
  return FORBIDDEN.exec(code)?.[0];
}

describe('purity', () => {
  it.each(PURE)('has files to look at in %s', (place) => {
    expect(files.filter((file) => file.startsWith(place)).length).toBeGreaterThan(0);
  });

  it('there is no I/O, clock, promise, chance or logger in what is pure', () => {
    const found = files.flatMap((file) => {
      const word = impurity(readFileSync(join(SRC, file), 'utf8'));
      return word === undefined ? [] : [`${file}: ${word}`];
    });
    expect(found).toEqual([]);
  });

  it('nothing pure imports a library, but for what DTLS computes with', () => {
    const found = importsBelow(SRC)
      .filter(({ file, resolved }) => resolved === undefined && files.includes(file))
      .filter(({ file, target }) => !(file.startsWith('transport/dtls/') && target === 'node:crypto'));
    expect(found.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it.each([
    'const t = setTimeout(f, 1);',
    'async function f() {}',
    'const n = Math.random();',
    'new Date();',
    'randomBytes(8)',
  ])('would show "%s"', (code) => {
    expect(impurity(`// why\n${code}`)).toBeDefined();
    expect(impurity(`// ${code}\n/* ${code} */ const word = '${code}';`)).toBeUndefined();
  });
});
