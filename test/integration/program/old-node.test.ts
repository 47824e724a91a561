import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { programBench, REPOSITORY } from './program-under-test.ts';

const program = programBench();

/** The program as a Node.js of another version runs it. */
function runBy(version: string): ReturnType<typeof program> {
  const pretend = `
    Object.defineProperty(process, 'version', { value: 'v${version}' });
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  return program(['--version'], { files: { 'pretend.cjs': pretend }, node: ['--require', './pretend.cjs'] });
}

describe('a Node.js that is too old', () => {
  it.each(['4.9.1', '12.22.9', '18.20.4', '20.18.3'])(
    'is told in one line, with what to do, by version %s',
    async (version) => {
      const run = await runBy(version);
      expect(await run.exitCode()).toBe(1);
      expect(run.output).toBe('');
      expect(run.errors).toMatch(
        /^mqtt-sn-gateway: Node\.js 20\.19 or newer is needed, this is [\d.]+\. On a Raspberry Pi: .+\n$/,
      );
      expect(run.errors).toContain(`this is ${version}.`);
    },
  );

  it.each(['20.19.0', '20.20.2', '22.0.0', '100.1.0'])('is not %s', async (version) => {
    const run = await runBy(version);
    expect(await run.exitCode()).toBe(0);
    expect(run.errors).toBe('');
  });
});

describe('the file that looks at the version', () => {
  /** The same program, for a Node.js that knows no more than a version of the language. */
  const lowered = (text: string, target: 'es2015' | 'es2022'): string =>
    transformSync(text, {
      configFile: false,
      swcrc: false,
      isModule: false,
      jsc: { target, parser: { syntax: 'ecmascript' } },
    }).code;

  const text = (): Promise<string> => readFile(join(REPOSITORY, 'bin', 'mqtt-sn-gateway.js'), 'utf8');

  it('has nothing in it that is newer than ES2015', async () => {
    const file = await text();
    expect(lowered(file, 'es2015')).toBe(lowered(file, 'es2022'));
    expect(file).not.toMatch(/\bimport\b *\(|require\('node:/);
  });

  it.each([
    'a?.b();',
    'a ?? b;',
    'async () => await a;',
    'a = { ...b };',
    'try { a() } catch { b() }',
    'a ??= 2 ** 3;',
  ])('would be found out with %s in it', async (modern) => {
    const file = `${await text()}\n${modern}`;
    expect(lowered(file, 'es2015')).not.toBe(lowered(file, 'es2022'));
  });

  it('is read as CommonJS, which every version knows', async () => {
    const manifest = JSON.parse(await readFile(join(REPOSITORY, 'bin', 'package.json'), 'utf8')) as unknown;
    expect(manifest).toEqual({ type: 'commonjs' });
  });
});
