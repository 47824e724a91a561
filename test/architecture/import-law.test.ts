import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { circles, filesBelow, importOf, importsBelow, importsIn, valueImportsIn } from './import-graph.ts';
import {
  breaksFromOutside,
  breaksOfClient,
  breaksOfCommands,
  breaksOfFloors,
  breaksOfPage,
  breaksOfRooms,
  FLOORS,
  inWords,
  placeOf,
} from './import-law.ts';

/** Libraries that exactly one file imports. */
const SINGLE = [
  'mqtt',
  'mqtt-packet',
  'aedes',
  'winston',
  'classic-level',
  'serialport',
  'preact',
  'htm',
  'uplot',
  'prom-client',
];

const SRC = join(import.meta.dirname, '../../src');
const FILES = filesBelow(SRC);
const IMPORTS = importsBelow(SRC);

describe('the import law (design 2)', () => {
  it('finds the imports that it judges, in every folder', () => {
    expect(IMPORTS.length).toBeGreaterThan(500);
    expect(IMPORTS.map(inWords)).toContain('core/steps/turn.ts imports ../../codec/encode.ts');
    const text = [
      "import './a.ts'; import { /* it's */ b } from '../b.ts';",
      "/* c */ export type { C } from './c.ts'; // from './not.ts'",
      "type D = import('./d.ts').D; await import(/* e */ './e.ts', {}); await import(`./f.ts`);",
      'export * from "./g.ts";',
      "import fs from 'node:fs'; await import('zod');",
    ].join('\n');
    expect(importsIn('x/y.ts', text).map(({ resolved, target }) => resolved ?? target)).toEqual([
      'x/a.ts',
      'b.ts',
      'x/c.ts',
      'x/d.ts',
      'x/e.ts',
      'x/f.ts',
      'x/g.ts',
      'node:fs',
      'zod',
    ]);
  });

  it('knows types from values', () => {
    const types =
      "import type { A } from './a.ts';\nexport type { B } from './b.ts';\nimport { type C, type D } from './c.ts';\n";
    const values = "import { type A, b } from './d.ts';\nexport * from './e.ts';\nimport f from './f.ts';\n";
    expect(valueImportsIn('x.ts', types + values).map(({ resolved }) => resolved)).toEqual(['d.ts', 'e.ts', 'f.ts']);
  });

  it('lets ports and the contract of the core see no more of others than types', () => {
    const found = FILES.filter((file) => file.startsWith('ports/') || file.startsWith('core/contract/')).flatMap(
      (file) =>
        valueImportsIn(file, readFileSync(join(SRC, file), 'utf8')).filter(
          ({ resolved }) => !resolved?.startsWith('core/contract/') || file.startsWith('ports/'),
        ),
    );
    expect(found.map(inWords)).toEqual([]);
  });

  it('lets every room import only what it may', () => {
    expect(breaksOfRooms(IMPORTS)).toEqual([]);
  });

  it('lets the status page name only what a browser has, and nobody else name the page', () => {
    expect(breaksOfPage(IMPORTS)).toEqual([]);
    const planted = [
      importOf('http/page/parts/a.ts', '../../server.ts'),
      importOf('http/page/a.ts', 'node:fs'),
      importOf('http/page/a.ts', 'zod'),
      importOf('http/server.ts', './page/main.ts'),
      importOf('observe/a.ts', 'preact/hooks'),
    ];
    expect(breaksOfPage(planted)).toEqual(planted.map(inWords));
  });

  it('lets nobody outside see more of the core than its contract, its settings or its door', () => {
    expect(breaksFromOutside(IMPORTS)).toEqual([]);
  });

  it('lets the client see nothing of the transports but how it speaks DTLS, and a serial line', () => {
    expect(breaksOfClient(IMPORTS)).toEqual([]);
    const udp = {
      file: 'client/wire.ts',
      target: '../transport/udp/udp-link.ts',
      resolved: 'transport/udp/udp-link.ts',
    };
    expect(breaksOfClient([udp])).toHaveLength(1);
  });

  it('lets the commands see nothing of the HTTP interface but what it says and hears', () => {
    expect(breaksOfCommands(IMPORTS)).toEqual([]);
    const inside = { file: 'cli/a.ts', target: '../http/schemas.ts', resolved: 'http/schemas.ts' };
    expect(breaksOfCommands([inside])).toEqual([inWords(inside)]);
  });

  it.each(SINGLE)('has exactly one file that imports %s', (library) => {
    const files = new Set(IMPORTS.filter((one) => placeOf(one) === library).map(({ file }) => file));
    expect([...files]).toHaveLength(1);
  });

  it('names every relative import with its file ending, and the file is there', () => {
    const missing = IMPORTS.filter(({ resolved }) => resolved !== undefined && !FILES.includes(resolved));
    expect(missing.map(inWords)).toEqual([]);
  });
});

describe('the floors of the core (design 3)', () => {
  it('are all there are: every file of the core stands on one of them', () => {
    const folders = new Set(
      FILES.filter((file) => file.startsWith('core/')).map((file) => file.replace(/\/[^/]*$/, '')),
    );
    expect([...folders].sort()).toEqual(Object.keys(FLOORS).sort());
  });

  it('have no import upward', () => {
    expect(breaksOfFloors(IMPORTS)).toEqual([]);
  });

  const floors = Object.keys(FLOORS);
  const upward = floors.flatMap((floor) =>
    floors.filter((above) => above !== floor && !FLOORS[floor]?.includes(above)).map((above) => ({ floor, above })),
  );

  it.each(upward)('would show an import of $above in $floor', ({ floor, above }) => {
    const planted = importOf(
      `${floor}/planted.ts`,
      `/${above}/other.ts`.replace('/core', floor === 'core' ? '.' : '..'),
    );
    expect(breaksOfFloors([planted])).toEqual([inWords(planted)]);
  });

  it.each([...floors, 'codec'])('would show an import of a port or a library in %s', (floor) => {
    const port = importOf(`${floor}/planted.ts`, floor.includes('/') ? '../../ports/clock.ts' : '../ports/clock.ts');
    const library = importOf(`${floor}/planted.ts`, 'node:fs');
    expect(breaksOfRooms([port, library])).toEqual([inWords(port), inWords(library)]);
  });
});

describe('circles', () => {
  it('are nowhere in src, imports of types included', () => {
    expect(circles(IMPORTS)).toEqual([]);
  });

  const folders = [...new Set(FILES.map((file) => file.replace(/[^/]*$/, '')))].filter(
    (folder) => FILES.filter((file) => file.startsWith(folder) && !file.slice(folder.length).includes('/')).length > 1,
  );

  it.each(folders)('would be shown in src/%s', (folder) => {
    const planted = [
      importOf(`${folder}a.ts`, './b.ts'),
      importOf(`${folder}b.ts`, './c.ts'),
      importOf(`${folder}c.ts`, './a.ts'),
    ];
    expect(circles(planted)).toEqual([[`${folder}a.ts`, `${folder}b.ts`, `${folder}c.ts`]]);
  });

  it('would be shown where an import of a lower floor comes back up', () => {
    const down = IMPORTS.find(
      ({ file, resolved }) => file.startsWith('core/procedures/') && resolved?.startsWith('core/steps/'),
    );
    expect(down).toBeDefined();
    const up = { file: down?.resolved ?? '', target: 'up', resolved: down?.file };
    expect(circles([...IMPORTS, up]).flat()).toEqual(expect.arrayContaining([down?.file, down?.resolved]));
  });
});

describe('rooms stay small', () => {
  it('no file of src has more than 300 lines', () => {
    const lines = (file: string): number => readFileSync(join(SRC, file), 'utf8').trimEnd().split('\n').length;
    expect(FILES.filter((file) => lines(file) > 300).map((file) => `${file}: ${lines(file)}`)).toEqual([]);
  });
});
