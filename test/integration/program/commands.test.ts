import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type ProgramOptions, programBench, REPOSITORY } from './program-under-test.ts';

const program = programBench();

async function output(
  args: readonly string[],
  options: ProgramOptions & { readonly code?: number } = {},
): Promise<string> {
  const run = await program(args, options);
  expect(await run.exitCode()).toBe(options.code ?? 0);
  expect(run.errors).toBe('');
  return run.output;
}

describe('mqtt-sn-gateway', () => {
  it('--help names the commands and the options', async () => {
    const help = await output(['--help']);
    for (const word of [
      'check-config',
      'decode',
      'pub',
      'sub',
      'completion',
      '--config',
      '-c',
      '--broker',
      '-b',
      '--udp-port',
      '-p',
    ]) {
      expect(help).toContain(word);
    }
    for (const word of ['--predefined-topics', '-T', '--gateway-id', '--log-level']) {
      expect(help).toContain(word);
    }
  });

  it.each(['check-config', 'decode', 'pub', 'sub', 'hash-password'])(
    '%s --help tells how it is used',
    async (command) => {
      expect(await output([command, '--help'])).toContain(`mqtt-sn-gateway ${command}`);
    },
  );

  it('--version is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
    expect(await output(['--version'])).toBe(`${version}\n`);
  });

  it('completion prints a script for the shell', async () => {
    expect(await output(['completion'])).toContain('mqtt-sn-gateway');
  });
});

describe('hash-password', () => {
  it('prints a hash that the settings take, another one each time', async () => {
    const hashes = await Promise.all([1, 2].map(() => output(['hash-password'], { input: 'correct horse\n' })));
    expect(hashes[0]).not.toBe(hashes[1]);
    const [hash = ''] = hashes;
    expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\n$/);
    const environment = { MQTTSN_HTTP_USERS_0_NAME: 'anna', MQTTSN_HTTP_USERS_0_PASSWORD_HASH: hash.trim() };
    expect(await output(['check-config'], { environment })).toContain('http.users[0].name');
  });

  it('refuses a password that is too short, and does not show it', async () => {
    const run = await program(['hash-password'], { input: 'hunter2\n' });
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toBe('');
    expect(run.errors).toBe('mqtt-sn-gateway: a password needs at least 8 characters, found 7\n');
  });
});

describe('check-config', () => {
  it('prints the settings in effect with the origin of each, and no password', async () => {
    const text = await output(['check-config', 'gateway.yaml', '--gateway-id', '7'], {
      files: { 'gateway.yaml': 'upstream:\n  url: mqtt://user:hidden@broker.example\n' },
      environment: { MQTTSN_TIMING_RETRY_COUNT: '5' },
    });
    expect(text).toMatch(/gateway\.id.*7.*command line/);
    expect(text).toMatch(/upstream\.url.*mqtt:\/\/broker\.example.*file/);
    expect(text).toMatch(/timing\.retryCount.*5.*environment/);
    expect(text).toMatch(/timing\.retryInterval.*10s.*default/);
    expect(text).not.toContain('hidden');
  });

  it('accepts the annotated example of the repository', async () => {
    expect(await output(['check-config', join(REPOSITORY, 'config', 'gateway.yaml')])).toContain('gateway.id');
  });
});

describe('decode', () => {
  it('says what a packet is, in any spelling of hexadecimal', async () => {
    const text = await output([
      'decode',
      '0e',
      '04',
      '04',
      '01',
      '00',
      '3c',
      '73',
      '65',
      '6e',
      '73',
      '6f',
      '72',
      '2d',
      '31',
    ]);
    expect(text).toMatch(/^CONNECT, 14 octets/);
    expect(text).toMatch(/clientId +"sensor-1"/);
    expect(await output(['decode', '0E:04:04:01:00:3C:73:65:6E:73:6F:72:2D:31'])).toBe(text);
  });

  it('reads packets from standard input, one in each line', async () => {
    expect(await output(['decode', '-'], { input: '02 16\n# a comment\n\n02 17\n' })).toMatch(
      /^PINGREQ, 2 octets\n[\s\S]*\nPINGRESP, 2 octets\n/,
    );
  });

  it('ends with 1 where it is no message', async () => {
    expect(await output(['decode', '03', '16'], { code: 1 })).toMatch(/^not a message/);
    expect(await output(['decode', 'site.pcapng'], { code: 1 })).toBe('cannot read site.pcapng: no such file\n');
    expect(await output(['decode', '/'], { code: 1 })).toBe('cannot read /: it is no file\n');
    expect(await output(['decode', '-'], { input: '', code: 1 })).toBe('no packet is in it\n');
    expect(await output(['decode', 'zz'], { code: 1 })).toMatch(/^not hexadecimal/);
  });
});
