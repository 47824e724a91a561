import { describe, expect, it } from '@jest/globals';
import { apiUrl, gatewayApi } from '../../../src/cli/api/api-options.ts';
import { frameLine } from '../../../src/cli/api/frame-line.ts';
import { clientPath } from '../../../src/cli/api/gateway-api.ts';
import { reloadText } from '../../../src/cli/api/reload-command.ts';
import { OptionProblem } from '../../../src/cli/option-table.ts';
import { textTable } from '../../../src/cli/text-table.ts';
import { agoText, spanText } from '../../../src/cli/time-ago.ts';

const NOTHING = {
  url: undefined,
  token: undefined,
  'token-file': undefined,
  user: undefined,
  ca: undefined,
  json: false,
};

describe('where a running gateway is asked', () => {
  it.each([
    ['http://192.168.1.2:8884', 'http://192.168.1.2:8884/'],
    ['gateway.example:8884', 'http://gateway.example:8884/'],
    ['https://proxy.example/gateway/', 'https://proxy.example/gateway/'],
    ['https://proxy.example/gateway?x#y', 'https://proxy.example/gateway/'],
  ])('%s', (written, url) => {
    expect(apiUrl(written).href).toBe(url);
  });

  it.each([
    ['mqtt://gateway', /must begin with http/],
    ['http://anna:secret@gateway', /--user/],
    ['http://', /must be such as/],
  ])('is refused: %s', (written, message) => {
    expect(() => apiUrl(written)).toThrow(message);
    expect(() => apiUrl(written)).toThrow(OptionProblem);
  });

  it.each([
    [{ token: 'a', user: 'b' }, /say once who you are: --token or --user/],
    [{ 'token-file': '/nope' }, /--token-file: cannot read \/nope: no such file/],
    [{ token: 'ä b' }, /characters that no token has/],
    [{ ca: '/nope' }, /--ca: cannot read/],
  ])('needs options that fit together: %j', async (some, message) => {
    await expect(gatewayApi({ ...NOTHING, ...some }, {})).rejects.toThrow(message);
  });

  it('has clients whose ids a path cannot have', () => {
    expect(clientPath('a/b', '/trace')).toBe('api/v1/clients/a%2Fb/trace');
    expect(clientPath('..')).toBe('api/v1/clients/-?clientId=..');
  });
});

describe('a table', () => {
  const columns = [
    { heading: 'Client', least: 4 },
    { heading: 'Up', right: true },
    { heading: 'Topic', least: 3 },
  ] as const;
  const rows = [
    ['sensor-1', '12', 'a/long/topic'],
    ['s2', '3', ''],
  ];

  it('is as wide as what is in it', () => {
    expect(textTable(columns, rows, 100)).toBe(
      ['Client    Up  Topic', 'sensor-1  12  a/long/topic', 's2         3', ''].join('\n'),
    );
  });

  it('fits a terminal: the widest columns are cut first, and none below what it needs', () => {
    expect(textTable(columns, rows, 20)).toBe(
      ['Client   Up  Topic', 'sensor…  12  a/long…', 's2        3', ''].join('\n'),
    );
    expect(textTable(columns, rows, 1).split('\n')[1]).toBe('sen…  12  a/…');
  });

  it('cannot be forged by what is in it', () => {
    expect(textTable(columns, [['a\nb\x1b[2J', '1', '']], 100)).toContain('a\\u000ab\\u001b[2J');
  });
});

describe('times', () => {
  it.each([
    [0.2, '0 s'],
    [59, '59 s'],
    [3_600, '1 h'],
    [90_061, '1 d 1 h'],
    [65, '1 min 5 s'],
  ])('%s s is %s', (seconds, text) => {
    expect(spanText(seconds)).toBe(text);
  });

  it('are told from now', () => {
    const now = Date.parse('2026-05-04T10:20:30Z');
    expect(agoText('2026-05-04T10:20:00Z', now)).toBe('30 s ago');
    expect(agoText('2026-05-04T10:25:30Z', now)).toBe('in 5 min');
    expect(agoText(null, now)).toBe('–');
  });
});

describe('the frames of a trace', () => {
  const frame = {
    time: new Date(2026, 4, 4, 10, 20, 30, 45).toISOString(),
    direction: 'received',
    link: 'udp:192.0.2.7:4000',
    text: 'PINGREQ clientId="a\u202e"',
    hex: '02 16',
  } as const;

  it('are one line each', () => {
    expect(frameLine('s1', frame, { hex: false, inColour: false })).toBe(
      '10:20:30.045  s1  > PINGREQ clientId="a\\u202e"',
    );
    expect(frameLine('s1', { ...frame, direction: 'sent' }, { hex: true, inColour: false })).toBe(
      '10:20:30.045  s1  < PINGREQ clientId="a\\u202e"  02 16',
    );
  });

  it('are in colour where that is wanted', () => {
    expect(frameLine('s1', frame, { hex: false, inColour: true })).toContain('\x1b[32mPINGREQ\x1b[0m');
  });
});

describe('what reading the settings again has changed', () => {
  it('is told line by line', () => {
    expect(reloadText({ changed: [], needsRestart: [], problems: [] })).toBe('Nothing has changed.\n');
    expect(reloadText({ changed: ['logging.level: info → debug'], needsRestart: ['http.port'], problems: [] })).toBe(
      'Changed: logging.level: info → debug\nNeeds a restart: http.port\n',
    );
    expect(reloadText({ changed: [], needsRestart: [], problems: ['a'] })).toBe('Problem: a\nNothing has changed.\n');
  });
});
