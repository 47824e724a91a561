import { beforeAll, describe, expect, it } from '@jest/globals';
import { Credentials } from '../../../../src/http/access/credentials.ts';
import { hashPassword, passwordFits } from '../../../../src/http/access/password-hash.ts';

const header = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

let hash: string;
beforeAll(async () => {
  hash = await hashPassword('correct horse');
});

describe('the hash of a password', () => {
  it('fits its password alone, with a salt of its own', async () => {
    expect(await passwordFits('correct horse', hash)).toBe(true);
    expect(await passwordFits('correct horses', hash)).toBe(false);
    expect(await hashPassword('correct horse')).not.toBe(hash);
  });

  it('is that of RFC 7914: what other programs have made fits as well', async () => {
    // Its test vector with N = 1024, r = 8, p = 16, password "password", salt "NaCl": 64 octets.
    const derived = Buffer.from(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
      'hex',
    );
    const text = (octets: Buffer) => octets.toString('base64').replace(/=+$/, '');
    // The form asks for a salt of 16 octets at least: a hash with the short one of the vector is none.
    expect(await passwordFits('password', `$scrypt$ln=10,r=8,p=16$${text(Buffer.from('NaCl'))}$${text(derived)}`)).toBe(
      false,
    );
    const { scryptSync } = await import('node:crypto');
    const salt = Buffer.from('sodium chloride!');
    const own = scryptSync('password', salt, 64, { N: 1024, r: 8, p: 16 });
    expect(await passwordFits('password', `$scrypt$ln=10,r=8,p=16$${text(salt)}$${text(own)}`)).toBe(true);
  });

  it('takes two ways to type one letter for one password', async () => {
    expect(await passwordFits('u\u0308ber'.repeat(2), await hashPassword('\u00fcber'.repeat(2)))).toBe(true);
  });

  it.each([undefined, '', 'correct horse', '$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA', '$2b$10$abc'])(
    'fits nothing where it is none: %j',
    async (written) => {
      expect(await passwordFits('correct horse', written)).toBe(false);
    },
  );
});

describe('who is who', () => {
  it('is known at once when a password has been right before, and never of a wrong one', async () => {
    const credentials = new Credentials({ users: [{ name: 'anna', passwordHash: hash }] });
    const right = header('anna', 'correct horse');
    expect(credentials.recognise(right)).toBeUndefined();
    expect(await credentials.verify(right)).toBe('anna');
    expect(credentials.recognise(right)).toBe('anna');
    const wrong = header('anna', 'wrong');
    expect(await credentials.verify(wrong)).toBeUndefined();
    expect(credentials.recognise(wrong)).toBeUndefined();
    expect(credentials.recognise(right.replace('Basic', 'bAsIc'))).toBe('anna');
  });

  it('is verified once for all who ask at a time, and of too many at a time for nobody', async () => {
    const credentials = new Credentials({ users: [{ name: 'anna', passwordHash: hash }] });
    const verified = credentials.verify(header('anna', 'correct horse'));
    const same = credentials.underWay(header('anna', 'correct horse'));
    expect(same).toBeDefined();
    const others = Array.from({ length: 9 }, (_, number) => credentials.verify(header('anna', `guess ${number}`)));
    await expect(credentials.verify(header('anna', 'one more'))).rejects.toThrow('Too many passwords');
    expect(await Promise.all([verified, same])).toEqual(['anna', 'anna']);
    expect(new Set(await Promise.all(others))).toEqual(new Set([undefined]));
    expect(credentials.underWay(header('anna', 'correct horse'))).toBeUndefined();
  });

  it.each(['', 'Basic', 'Basic ', 'Bearer', 'Bearer  ', 'Basic OjpB OjpB', 'Negotiate abc', 'Basic bm9jb2xvbg=='])(
    'is nobody who says %j',
    async (authorization) => {
      const credentials = new Credentials({
        users: [{ name: 'anna', passwordHash: hash }],
        token: 'a-long-enough-token',
      });
      expect(credentials.recognise(authorization)).toBeUndefined();
      expect(await credentials.verify(authorization)).toBeUndefined();
    },
  );

  it('is whoever has the token as a password, whatever the name, where there are no users: no browser can send it otherwise', async () => {
    const forBrowsers = new Credentials({ users: [], token: 'a-long-enough-token' });
    expect(forBrowsers.challenges).toEqual([
      'Basic realm="MQTT-SN gateway: any name, and the token as the password", charset="UTF-8"',
      'Bearer realm="MQTT-SN gateway"',
    ]);
    for (const name of ['', 'anna', 'token']) {
      expect(forBrowsers.recognise(header(name, 'a-long-enough-token'))).toBe('token');
    }
    for (const wrong of ['', 'a-long-enough-toke', 'a-long-enough-token2', 'A-long-enough-token']) {
      expect(forBrowsers.recognise(header('token', wrong))).toBeUndefined();
      expect(await forBrowsers.verify(header('token', wrong))).toBeUndefined();
    }
    const withUsers = new Credentials({
      users: [{ name: 'anna', passwordHash: hash }],
      token: 'a-long-enough-token',
    });
    expect(withUsers.recognise(header('anna', 'a-long-enough-token'))).toBeUndefined();
    expect(new Credentials({ users: [] }).recognise(header('anna', ''))).toBeUndefined();
  });

  it('is asked for in the ways that there are', () => {
    const users = [{ name: 'anna', passwordHash: hash }];
    expect(new Credentials({ users: [] }).needed).toBe(false);
    expect(new Credentials({ users }).challenges).toEqual(['Basic realm="MQTT-SN gateway", charset="UTF-8"']);
    const both = new Credentials({ users, token: 'a-long-enough-token' });
    expect([both.needed, both.challenges.length, both.recognise('Bearer a-long-enough-token')]).toEqual([
      true,
      2,
      'token',
    ]);
  });
});
