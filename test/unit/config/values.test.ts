import { describe, expect, it } from '@jest/globals';
import { brokerUrlProblem, maskUrl, separateCredentials } from '../../../src/config/broker-url.ts';
import { parseDuration } from '../../../src/config/duration.ts';
import { nearest } from '../../../src/config/suggestion.ts';
import { formatDuration } from '../../../src/core/contract/units.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0', 0],
    [0, 0],
  ])('written %j is %i ms', (written, millis) => {
    expect(parseDuration(written)).toBe(millis);
  });

  it.each([10, '10', '10 s', '10S', '-1s', '1.0001ms', 's', '', '1m30s', true, null, '99999999999999999999d'])(
    'is not %j',
    (written) => {
      expect(parseDuration(written)).toBeUndefined();
    },
  );

  it.each([
    [0, '0'],
    [1, '1ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [900_000, '15m'],
    [86_400_000, '1d'],
  ])('of %i ms is shown as %j', (millis, shown) => {
    expect(formatDuration(millis)).toBe(shown);
  });
});

describe('the URL of a broker', () => {
  it.each([
    'mqtt://localhost',
    'mqtts://a.example:8883',
    'ws://[::1]:80/mqtt',
    'wss://u:p@a.example/x',
    'MQTT://localhost:1883',
  ])('may be %j', (url) => {
    expect(brokerUrlProblem(url)).toBeUndefined();
  });

  const complaint = (found: string, suggestion = '') =>
    `expected a broker URL (mqtt:, mqtts:, ws:, wss:) such as mqtt://localhost:1883, found "${found}"${suggestion && ` (did you mean "${suggestion}"?)`}`;

  it.each([
    ['localhost:1883', 'mqtt://localhost:1883'],
    ['broker.example', 'mqtt://broker.example'],
    ['192.168.1.2:1883', 'mqtt://192.168.1.2:1883'],
    ['tcp://a:1883', 'mqtt://a:1883'],
    ['ssl://a', 'mqtts://a'],
    ['https://a/mqtt', 'wss://a/mqtt'],
    ['mqqt://a', 'mqtt://a'],
    ['mqtt:a:1883', 'mqtt://a:1883'],
    ['mqtt:/a', 'mqtt://a'],
  ])('%j probably meant %j', (written, meant) => {
    expect(brokerUrlProblem(written)).toBe(complaint(written, meant));
  });

  it.each(['', 'mqtt://', 'mqtt://a:99999', 'mqtt://a b', 'amqp3://', 'mqtt://a:0'])(
    '%j leads to no suggestion',
    (written) => {
      expect(brokerUrlProblem(written)).toBe(complaint(written));
    },
  );

  it('never shows a password', () => {
    expect(maskUrl('mqtt://me:secret@a:1883')).toBe('mqtt://me:***@a:1883');
    expect(maskUrl('mqtt://me:se:cr/e@t@a')).toBe('mqtt://me:***@a');
    expect(maskUrl('mqtt:me:secret@a')).not.toContain('secret');
    expect(maskUrl('me:sec:ret@a')).toBe('me:***@a');
    expect(maskUrl('mqtt://a:1883')).toBe('mqtt://a:1883');
    expect(brokerUrlProblem('me:secret@a:1883')).toBe(complaint('me:***@a:1883', 'mqtt://me:***@a:1883'));
    expect(brokerUrlProblem('mqtt://me:100%@a')).toBe(complaint('mqtt://me:***@a'));
  });

  it('is separated from its credentials', () => {
    expect(separateCredentials('mqtt://a:1883')).toEqual({ url: 'mqtt://a:1883' });
    expect(separateCredentials('mqtt://me:p%3Aw@a:1883')).toEqual({
      url: 'mqtt://a:1883',
      username: 'me',
      password: 'p:w',
    });
    expect(separateCredentials('ws://me@a/mqtt')).toEqual({ url: 'ws://a/mqtt', username: 'me' });
  });
});

describe('a suggestion', () => {
  it.each([
    ['keepAlvie', 'keepAlive'],
    ['keep_alive', 'keepAlive'],
    ['KEEPALIVE', 'keepAlive'],
    ['cret', 'cert'],
    ['something', undefined],
  ])('for %j is %j', (word, meant) => {
    expect(nearest(word, ['cert', 'key', 'keepAlive', 'connectTimeout'])).toBe(meant);
  });
});
