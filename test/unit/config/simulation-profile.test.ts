import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/config/problem.ts';
import { parseSimulationProfile } from '../../../src/config/simulation-profile.ts';

describe('the profile of a simulation', () => {
  it('says how many sensors of which kind there are, and what all of them have', () => {
    const text = `
duration: 10m
loss: 5%
sensors:
  - kind: publisher
    count: 80
    interval: 5s
  - { kind: sleeper, count: 15, sleep: 1m, loss: 0.2, qos: 2 }
`;
    expect(parseSimulationProfile(text, 'site.yaml')).toEqual({
      duration: 600_000,
      loss: 0.05,
      sensors: [
        { kind: 'publisher', count: 80, interval: 5_000 },
        { kind: 'sleeper', count: 15, sleep: 60_000, loss: 0.2, qos: 2 },
      ],
    });
    expect(parseSimulationProfile('', 'site.yaml')).toEqual({});
  });

  it('tells everything that is wrong with it, with its place', () => {
    const text = 'duraton: 1m\nloss: 105%\nsensors:\n  - kind: publiser\n    count: 0\n    qos: 3\n    intervall: 1s\n';
    let message = '';
    try {
      parseSimulationProfile(text, 'site.yaml');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = (error as Error).message;
    }
    for (const line of [
      'site.yaml:1:1: duraton: unknown (did you mean "duration"?)',
      'site.yaml:2:7: loss: expected a part such as 5%, at most 100%, found "105%"',
      'site.yaml:4:11: sensors[0].kind: expected one of publisher, sleeper, subscriber, found "publiser"',
      'site.yaml:5:12: sensors[0].count: expected a whole number from 1 to 10000, found 0',
      'site.yaml:6:10: sensors[0].qos: expected one of 0, 1, 2, found 3',
      'site.yaml:7:5: sensors[0].intervall: unknown (did you mean "interval"?)',
    ]) {
      expect(message.split('\n')).toContain(line);
    }
  });

  it.each([
    ['- kind: publisher', /expected a map/],
    ['sensors: many', /sensors: expected a list of groups/],
    ['interval: 5', /interval: expected a duration from 10ms to 1d, such as 10s, found 5/],
  ])('is refused: %s', (text, message) => {
    expect(() => parseSimulationProfile(text, 'site.yaml')).toThrow(message);
  });
});
