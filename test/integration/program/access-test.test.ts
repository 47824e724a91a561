import { describe, expect, it } from '@jest/globals';
import { programBench } from './program-under-test.ts';

const program = programBench();

const SETTINGS = `
transports: [{type: udp}, {type: dtls, keys: psk.yaml}]
access:
  clientIdFromIdentity: require
  rules:
    - name: greenhouse
      identity: gh-*
      host: 10.0.0.0/8
      connect: true
      publish: greenhouse/%c/#
      subscribe: greenhouse/%c/set
`;
const FILES = { 'gateway.yaml': SETTINGS, 'psk.yaml': 'gh-7: 00112233445566778899aabbccddeeff\n' };

async function access(...args: readonly string[]): Promise<[code: number | null, output: string, errors: string]> {
  const run = await program(['access', ...args], { files: FILES });
  return [await run.exitCode(), run.output, run.errors];
}

const OF_GH7 = ['test', '-c', 'gateway.yaml', '--client', 'gh-7', '--identity', 'gh-7', '--host', '10.1.0.7'];

describe('mqtt-sn-gateway access test', () => {
  it('says by which rule something is granted, and ends with 0', async () => {
    expect(await access(...OF_GH7, 'publish', 'greenhouse/gh-7/temperature')).toEqual([
      0,
      'granted by access rule "greenhouse"\n',
      '',
    ]);
    expect(await access(...OF_GH7, '--qos=2', 'subscribe', '#')).toEqual([
      0,
      'granted by access rule "greenhouse"; it gets only what it may read of what matches\n',
      '',
    ]);
    expect((await access(...OF_GH7, 'publish', '--', '-x'))[1]).toContain('publishing to this topic is not granted');
  });

  it('says why something is denied, and by which rule, and ends with 1', async () => {
    expect(await access(...OF_GH7, 'publish', 'greenhouse/gh-8/temperature')).toEqual([
      1,
      'denied: publishing to this topic is not granted (access rule "greenhouse")\n',
      '',
    ]);
    expect(await access('test', '-c', 'gateway.yaml', '--client', 'gh-7', 'connect')).toEqual([
      1,
      'denied: connecting is not granted (access.default)\nno rule fits client "gh-7" without identity at 127.0.0.1 on udp\n',
      '',
    ]);
    expect(await access('test', '-c', 'gateway.yaml', '--qos', '-1', 'publish', 'greenhouse/x')).toEqual([
      1,
      'denied: publishing to this topic is not granted (access.default)\nno rule fits a sender without client id, without identity at 127.0.0.1 on udp\n',
      '',
    ]);
  });

  it.each([
    [['test', '-c', 'gateway.yaml', 'connect'], 'connect needs --client: without a client id there is a publish'],
    [[...OF_GH7, 'publish'], 'publish needs a topic: access test publish TOPIC'],
    [[...OF_GH7, 'publish', 'a/+'], 'the topic cannot be: '],
    [[...OF_GH7, '--transport', 'radio', 'connect'], 'there is no transport with the name "radio"'],
    [['test', '-c', 'missing.yaml', '--client', 'a', 'connect'], 'missing.yaml: cannot be read: no such file'],
    [['test', '--client', 'a', 'fly'], 'Argument: action, Given: "fly"'],
  ])('ends with 2 and one sentence where the question is wrong: %j', async (args, words) => {
    const [code, output, errors] = await access(...args);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toContain(words);
    expect(errors).not.toMatch(/ {4}at /);
  });
});
