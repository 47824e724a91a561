import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAccessFile } from '../../../src/config/access-file.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'empty-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Each problem of a settings file, as it is shown. */
function problemsOf(text: string, environment: Readonly<Record<string, string>> = {}): string[] {
  writeFileSync(join(folder, 'gateway.yaml'), text);
  try {
    loadSettings({ file: 'gateway.yaml', environment, workingFolder: folder });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    return error.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  }
}

const inRule = (text: string): string => `access:\n  rules:\n    - name: one\n      connect: true\n      ${text}\n`;
const LEFT_OUT = / has nothing behind it: write .*leave the line out/;

describe('a setting with nothing behind it that would let more in', () => {
  it.each([
    'identity:',
    'identified:',
    'host:',
    'clientId:',
    'transport:',
    'forwarder:',
    'deny:',
    'publish:',
    'maxQos:',
    'maxPayload:',
    'sessions:',
    'rate:',
    'rate: {messages: }',
    'identity: ~',
    'connected: ~',
  ])('is refused in an access rule, with its line: %s', (text) => {
    const found = problemsOf(inRule(text)).filter((each) => !each.includes('needs messages or octets'));
    expect(found).toEqual([expect.stringMatching(/^5 access\.rules\[0\]\./)]);
    expect(found[0]).toMatch(LEFT_OUT);
    const { problems } = parseAccessFile(`- name: one\n  ${text}\n`, 'rules.yaml');
    expect(problems.kept[0]).toMatchObject({
      source: 'rules.yaml',
      line: 2,
      path: expect.stringMatching(/^rules\[0\]\./),
      message: expect.stringMatching(/^has nothing behind it: write/),
    });
  });

  it.each(['identity', 'host', 'clientId', 'transport', 'forwarder', 'deny'])(
    'is no empty list either: %s',
    (setting) => {
      for (const empty of ['[]', '""', '[""]', "','"]) {
        expect(problemsOf(inRule(`${setting}: ${empty}`))).toEqual([
          expect.stringMatching(/^5 access\.rules\[0\]\.\w+: an empty list would .*leave the line out/),
        ]);
      }
      expect(problemsOf(inRule(`${setting}: [~]`))).toEqual([expect.stringMatching(/^5 .*expected a list of/)]);
    },
  );

  it('is no rate that limits nothing', () => {
    for (const rate of ['{}', '{burst: 1m}']) {
      expect(problemsOf(inRule(`rate: ${rate}`))).toEqual([
        '5 access.rules[0].rate: needs messages or octets: as it is it would limit nothing',
      ]);
    }
    expect(problemsOf(inRule('rate: {octets: 1}'))).toEqual([]);
  });

  it.each([
    ['access:\n', 'access', 1],
    ['access:\n  file:\n', 'access.file', 2],
    ['access:\n  rules:\n', 'access.rules', 2],
    ['access:\n  default:\n', 'access.default', 2],
    ['access:\n  clientIdFromIdentity:\n', 'access.clientIdFromIdentity', 2],
    ['clients:\n  qosMinus1From:\n', 'clients.qosMinus1From', 2],
    ['clients:\n  qosMinus1Topics:\n', 'clients.qosMinus1Topics', 2],
    ['clients:\n  qosMinus1:\n', 'clients.qosMinus1', 2],
    ['clients:\n  addressBinding:\n', 'clients.addressBinding', 2],
    ['transports:\n  - type: udp\n    forwarders:\n', 'transports[0].forwarders', 3],
    ['transports:\n  - type: udp\n  - type: dtls\n    suites:\n', 'transports[1].suites', 4],
    ['http:\n  allowedHosts:\n', 'http.allowedHosts', 2],
    ['http:\n  users:\n', 'http.users', 2],
    ['http:\n  token:\n', 'http.token', 2],
    ['upstream:\n  ca:\n', 'upstream.ca', 2],
    ['upstream:\n  topicPrefix:\n', 'upstream.topicPrefix', 2],
    ['upstream:\n  clientIdPrefix:\n', 'upstream.clientIdPrefix', 2],
  ])('is refused: %j', (text, path, line) => {
    const problems = problemsOf(text).filter((each) => !each.includes('psk.yaml'));
    expect(problems).toEqual([expect.stringMatching(LEFT_OUT)]);
    expect(problems[0]).toContain(`${line} ${path}: `);
  });

  it('is fine where another source sets it, and where absent is no wider than any value', () => {
    const file = 'access:\nclients:\n  qosMinus1From:\n';
    expect(problemsOf(file, { MQTTSN_CLIENTS_QOS_MINUS1_FROM: '192.0.2.7' })).toHaveLength(1);
    expect(problemsOf(file, { MQTTSN_CLIENTS_QOS_MINUS1_FROM: '192.0.2.7', MQTTSN_ACCESS_DEFAULT: 'deny' })).toEqual(
      [],
    );
    expect(problemsOf('upstream:\nclients:\n  maxTopics:\nhttp:\n  port:\n')).toEqual([]);
    expect(problemsOf('transports:\n  - type: udp\n    forwarders: []\n')).toEqual([]);
  });
});
