import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changePskFile, type PskAction } from '../../../src/cli/change-psk-file.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { parsePskFile } from '../../../src/config/psk-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'psk-'));
  file = join(folder, 'psk.yaml');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What `psk` says. */
function psk(action: PskAction, identity?: string): string {
  let said = '';
  changePskFile(file, action, identity, (text) => {
    said += text;
  });
  return said;
}

const mode = (): number => statSync(file).mode & 0o777;
const identities = (): string[] => [...parsePskFile(readFileSync(file, 'utf8'), file).keys.keys()];

describe('psk add', () => {
  it('makes a file that only its owner can read, and prints what a sensor needs', () => {
    const said = psk('add', 'sensor-1');
    const [key = ''] = /\b[0-9a-f]{32}\b/.exec(said) ?? [];
    expect(said).toMatch(/Identity: sensor-1\n.*UDP 8883, DTLS 1\.2/s);
    expect(readFileSync(file, 'utf8')).toBe(`"sensor-1": "${key}"\n`);
    expect(mode()).toBe(0o600);
  });

  it('makes another key each time', () => {
    psk('add', 'a');
    psk('add', 'b');
    const keys = [...parsePskFile(readFileSync(file, 'utf8'), file).keys.values()];
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(2);
  });

  it('leaves what is there as it is, and who may read it', () => {
    const before = '# meters\nmeter-1: 00112233445566778899aabbccddeeff # cellar';
    writeFileSync(file, before);
    chmodSync(file, 0o640);
    psk('add', 'meter-2');
    expect(readFileSync(file, 'utf8').startsWith(`${before}\n`)).toBe(true);
    expect(identities()).toEqual(['meter-1', 'meter-2']);
    expect(mode()).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['psk.yaml']);
  });

  /** Root may give a file to anybody, and works for a service that is another user. */
  const [uid = 0, gid = 0] = process.getuid?.() === 0 ? [4_711, 4_712] : [process.getuid?.(), process.getgid?.()];

  it('leaves a file to its owner and group, whoever changes it', () => {
    psk('add', 'meter-1');
    chmodSync(file, 0o640);
    chownSync(file, uid, gid);
    psk('add', 'meter-2');
    psk('remove', 'meter-1');
    expect(statSync(file)).toMatchObject({ uid, gid });
    expect(mode()).toBe(0o640);
  });

  it('makes a new file of root so that the group of its folder can read it, which is closed to others: that of the service', () => {
    const isRoot = process.getuid?.() === 0;
    chownSync(folder, uid, gid);
    chmodSync(folder, 0o750);
    psk('add', 'meter-1');
    expect(statSync(file).gid).toBe(gid);
    expect(mode()).toBe(isRoot ? 0o640 : 0o600);
    rmSync(file);
    chmodSync(folder, 0o755);
    psk('add', 'meter-1');
    expect(statSync(file).gid).toBe(isRoot ? 0 : gid);
    expect(mode()).toBe(0o600);
  });

  it.each([
    ['an identity that has a key', 'sensor-1', /sensor-1 has a key already in .*psk remove sensor-1 takes it away/],
    ['nobody', undefined, /whose key\? psk add <identity>/],
    ['an empty identity', '', /expected an identity of 1 to 128 octets, found 0/],
    ['an identity with a line break', 'a\nb', /without control characters/],
    ['an identity that is too long', 'x'.repeat(129), /found 129/],
  ])('refuses %s, and changes nothing', (_, identity, problem) => {
    psk('add', 'sensor-1');
    const before = readFileSync(file, 'utf8');
    expect(() => psk('add', identity)).toThrow(problem);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('refuses a file whose keys are not one on each line', () => {
    writeFileSync(file, '{ a: 00112233445566778899aabbccddeeff }\n');
    expect(() => psk('add', 'b')).toThrow(/add the key to it by hand/);
    expect(readFileSync(file, 'utf8')).toBe('{ a: 00112233445566778899aabbccddeeff }\n');
  });

  it('refuses a file with a problem, and names its place', () => {
    writeFileSync(file, 'a: short\n');
    expect(() => psk('add', 'b')).toThrow(ConfigError);
    expect(readFileSync(file, 'utf8')).toBe('a: short\n');
  });
});

describe('psk list', () => {
  it('names the identities, and shows no key', () => {
    writeFileSync(file, 'a: 00112233445566778899aabbccddeeff\nb c: ABEiM0RVZneImaq7zN3u/wA=\n');
    expect(psk('list')).toBe('a  16 octets\nb c  17 octets\n');
  });

  it('says that there is no file', () => {
    expect(() => psk('list')).toThrow(/cannot read .*psk\.yaml: no such file/);
  });
});

describe('psk remove', () => {
  it('takes a key away, and says what that does', () => {
    psk('add', 'a');
    psk('add', 'b');
    expect(psk('remove', 'a')).toMatch(/^a has no key any more\. A gateway that runs ends its associations/);
    expect(identities()).toEqual(['b']);
  });

  it('says that nobody has that identity', () => {
    psk('add', 'a');
    expect(() => psk('remove', 'b')).toThrow(/has no key of b$/);
    expect(identities()).toEqual(['a']);
  });
});
