import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseAccessFile } from '../../../src/config/access-file.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import { toCoreSettings } from '../../../src/config/schema.ts';
import { settingChanges } from '../../../src/config/setting-changes.ts';
import { askAccess } from '../../../src/core/access-question.ts';
import type { AccessRule } from '../../../src/core/contract/access-settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(files: Readonly<Record<string, string>>): LoadedSettings {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  return loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder });
}

const rulesOf = (loaded: LoadedSettings): readonly AccessRule[] => toCoreSettings(loaded.settings).access?.rules ?? [];

/** Problems of a file with rules, as they are shown. */
const problemsOf = (text: string): string[] =>
  parseAccessFile(text, 'a').problems.kept.map(({ line, path, message }) => `${line} ${path ?? ''} ${message}`);

describe('access in the settings', () => {
  it('is nothing where it is not written, and denies everything where it is empty', () => {
    expect(toCoreSettings(load({ 'gateway.yaml': '{}' }).settings).access).toBeUndefined();
    expect(toCoreSettings(load({ 'gateway.yaml': 'access: {}' }).settings).access).toEqual({
      rules: [],
      default: 'deny',
      clientIdFromIdentity: 'off',
      clientIdPattern: '%i',
    });
  });

  it('a rule grants nothing that it does not name, and burst is in seconds', () => {
    const loaded = load({
      'gateway.yaml':
        'access:\n  rules:\n    - host: 10.0.0.0/8\n      rate: {messages: 0.5, burst: 1m}\n    - name: all\n      connect: true\n',
    });
    expect(rulesOf(loaded)).toEqual([
      {
        name: 'access.rules[0]',
        host: ['10.0.0.0/8'],
        connect: false,
        publish: [],
        subscribe: [],
        deny: [],
        qosMinus1: false,
        retain: false,
        maxQos: 2,
        rate: { messages: 0.5, octets: undefined, burstSeconds: 60 },
      },
      expect.objectContaining({ name: 'all', connect: true }),
    ]);
  });

  it.each([
    ['host: 10.0.0.0/33', /access\.rules\[0\]\.host: expected a list of IP addresses, networks/],
    ['publish: [a/#/b]', /# must be the last level/],
    ['subscribe: [$share/g/a]', /a filter of a rule is one of topics/],
    ['conect: true', /unknown setting \(did you mean "connect"\?\)/],
    ['maxQos: 3', /expected 0, 1 or 2/],
    ['rate: {messages: 0}', /expected a number above 0/],
  ])('says what is wrong with %s', (rule, message) => {
    expect(() => load({ 'gateway.yaml': `access: {rules: [{${rule}}]}` })).toThrow(message);
  });

  it('a file has more rules, behind those of the settings, and is looked at again', () => {
    const settings = 'access: {file: rules.yaml, rules: [{name: one}]}';
    const loaded = load({ 'gateway.yaml': settings, 'rules.yaml': '- name: two\n  connect: true\n- publish: [a]\n' });
    expect(rulesOf(loaded).map(({ name }) => name)).toEqual(['one', 'two', 'rules.yaml[1]']);
    expect([...loaded.files.keys()]).toContain(join(folder, 'rules.yaml'));
    const changed = settingChanges(loaded, load({ 'rules.yaml': '- name: two\n' }));
    expect(changed.changed).toEqual([
      { setting: 'access', what: 'value', from: '3 rules, else deny', to: '2 rules, else deny' },
    ]);
    expect(changed.needsRestart).toEqual([]);
    expect(toCoreSettings(changed.settings).access?.rules).toHaveLength(2);
  });

  it('that comes and goes counts at once', () => {
    const open = load({ 'gateway.yaml': '{}' });
    const closed = load({ 'gateway.yaml': 'access: {}' });
    expect(toCoreSettings(settingChanges(open, closed).settings).access?.default).toBe('deny');
    expect(toCoreSettings(settingChanges(closed, open).settings).access).toBeUndefined();
    expect(settingChanges(open, closed).needsRestart).toEqual([]);
  });
});

describe('a file of access rules', () => {
  it('says where something is wrong with it', () => {
    expect(problemsOf('- publish: [a]\n- host: [x y]\n  conect: true\n')).toEqual([
      expect.stringMatching(/^2 rules\[1\]\.host expected a list of IP addresses/),
      expect.stringMatching(/^3 rules\[1\]\.conect unknown setting \(did you mean "connect"\?\)/),
    ]);
    expect(problemsOf('rules: 1\n')).toEqual([expect.stringMatching(/^1 {2}expected a list of rules .*, found a map/)]);
    expect(problemsOf('')).toEqual([]);
  });
});

describe('an ACL file of mosquitto', () => {
  const acl = `# comment
topic read $SYS/#

user alice
topic a/+/x
topic write only/written
topic deny a/secret/x
user bob jones
topic read  b c
pattern readwrite %u/%c/#
pattern read news
`;

  const { rules, problems } = parseAccessFile(acl, 'acl');
  const asks = (identity: string | undefined, what: 'publish' | 'read', topic: string): boolean => {
    const facts = { transport: 'udp', host: 'h', address: 'h', identity, clientId: 'c1', isForwarded: false };
    const action = what === 'read' ? { what, topic } : { what, topic, qos: 0 as const, retain: true, octets: 9 };
    return askAccess({ rules, default: 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' }, facts, action)
      .isGranted;
  };

  it('is one rule for each user with all patterns, then one for other identities, and the anonymous one last', () => {
    expect(problems.count).toBe(0);
    expect(rules.map(({ name, exactIdentity, identified }) => [name, exactIdentity, identified])).toEqual([
      ['user alice', 'alice', undefined],
      ['user bob jones', 'bob jones', undefined],
      ['any other user', undefined, true],
      ['anonymous', undefined, false],
    ]);
  });

  it.each([
    ['alice', 'publish', 'a/b/x', true],
    ['alice', 'read', 'a/b/x', true],
    ['alice', 'read', 'a/secret/x', false],
    ['alice', 'publish', 'a/secret/x', false],
    ['alice', 'publish', 'only/written', true],
    ['alice', 'read', 'only/written', false],
    ['alice', 'publish', 'alice/c1/t', true],
    ['alice', 'publish', 'bob/c1/t', false],
    ['alice', 'read', '$SYS/x', false],
    ['bob jones', 'read', 'b c', true],
    ['bob jones', 'publish', 'b c', false],
    ['carol', 'publish', 'carol/c1/t', true],
    ['carol', 'publish', 'only/written', false],
    [undefined, 'read', '$SYS/x', true],
    [undefined, 'read', 'news', true],
    [undefined, 'publish', 'news', false],
    [undefined, 'read', 'a/b/x', false],
  ] as const)('%s may %s %s: %s', (identity, what, topic, expected) => {
    expect(asks(identity, what, topic)).toBe(expected);
  });

  it.each([
    ['user\ntopic a', '1  user needs a name'],
    ['topic', '1  expected a topic'],
    ['topic a/#/b', '1  # must be the last level'],
    ['topic sensors/%c', '1  the topic has %i or %c in it'],
    ['pattern %i/x', '1  the topic has %i or %c in it'],
    ['topic a\ntopics b', '2  expected user, topic or pattern'],
    ['topic a\ntopic Deny secret/#', '2  "Deny" is no access'],
    ['topic a\ntopic foo bar', '2  "foo" is no access'],
    ['topic a\ntopic read\tb', '2  expected a space, found a tab'],
    ['topic a\ntopic\tread b', '2  expected a space, found a tab'],
    ['topic a\nuser\tbob', '2  expected a space, found a tab'],
  ])('tells what it cannot be: %s', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem.slice(0, 20))]);
  });

  it('topic read alone is a topic as mosquitto reads it where there is another word', () => {
    expect(problemsOf('topic readings')).toEqual([]);
  });

  it('grants nothing by a line that mosquitto does not take', () => {
    for (const line of ['topic Deny secret/#', 'topic foo bar', 'topic read\tb', 'user\tbob', 'Topic read b']) {
      const written = parseAccessFile(`topic write a\n${line}\n`, 'acl').rules;
      expect(written.map(({ publish, subscribe }) => [publish, subscribe])).toEqual([
        [[], []],
        [['a'], []],
      ]);
    }
  });

  it('denies by a pattern what a line of the user grants as well, where mosquitto would not (I-136)', () => {
    const { rules: two } = parseAccessFile('user alice\ntopic news/#\npattern deny news/%c\n', 'acl');
    const read = (topic: string): boolean =>
      askAccess(
        { rules: two, default: 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' },
        { transport: 'dtls', host: 'h', address: 'h', identity: 'alice', clientId: 'c1', isForwarded: false },
        { what: 'read', topic },
      ).isGranted;
    expect([read('news/x'), read('news/c1')]).toEqual([true, false]);
  });

  it('denies nothing to clients without a user by what names one, as there', () => {
    const { rules: three } = parseAccessFile('topic read news\npattern deny %u/secret\npattern read all/%c\n', 'acl');
    const read = (topic: string): boolean =>
      askAccess(
        { rules: three, default: 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' },
        { transport: 'udp', host: 'h', address: 'h', identity: undefined, clientId: 'c1', isForwarded: false },
        { what: 'read', topic },
      ).isGranted;
    expect([read('news'), read('all/c1'), read('all/c2')]).toEqual([true, true, false]);
  });

  it('a user with a pattern in its name is that user alone', () => {
    const [rule] = parseAccessFile('user a*\ntopic #', 'acl').rules;
    expect(rule).toMatchObject({ exactIdentity: 'a*', publish: ['#'], subscribe: ['#'] });
  });
});
