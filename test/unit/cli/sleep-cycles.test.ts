import { describe, expect, it } from '@jest/globals';
import { sleepPlan } from '../../../src/cli/sleep-cycles.ts';
import { SleepDiary } from '../../../src/cli/sleep-diary.ts';
import { octetsOf } from '../../support/raw-sensor.ts';

describe('the sleep of sub', () => {
  it.each([
    ['30s', undefined, { duration: 30, cycles: Number.POSITIVE_INFINITY }],
    ['30', 3, { duration: 30, cycles: 3 }],
    ['5m', 1, { duration: 300, cycles: 1 }],
    [undefined, undefined, undefined],
  ])('is a duration and a number of wake-ups: %s %s', (sleep, cycles, plan) => {
    expect(sleepPlan(sleep, cycles)).toEqual(plan);
  });

  it.each([
    ['0', undefined, /--sleep must be whole seconds, such as 30s or 5m, up to 65535s, found "0"/],
    ['1500ms', undefined, /whole seconds/],
    ['19h', undefined, /up to 65535s/],
    ['soon', undefined, /found "soon"/],
    [undefined, 3, /add --sleep/],
  ])('is refused where it makes no sense: %s %s', (sleep, cycles, message) => {
    expect(() => sleepPlan(sleep, cycles)).toThrow(message);
  });

  it('is told with every frame of an awake period in its order', () => {
    let now = 1_000;
    const lines: string[] = [];
    const diary = new SleepDiary(
      (line) => lines.push(line),
      () => now,
    );
    diary.frame('sent', octetsOf('04 18 00 1e'));
    diary.asleep(30);
    diary.waking();
    diary.frame('sent', octetsOf('04 16 73 31'));
    now += 12.4;
    diary.frame('received', octetsOf('08 0c 00 00 01 00 00 78'));
    diary.message();
    diary.frame('received', octetsOf('02 17'));
    diary.slept(true);
    diary.waking();
    now += 7;
    diary.slept(false);
    diary.frame('sent', octetsOf('02 18'));
    expect(lines).toEqual([
      'asleep for 30 s',
      'awake 1, 0 ms: > PINGREQ clientId="s1"',
      'awake 1, 12 ms: < PUBLISH qos=0 topicIdType=normal topicId=1 msgId=0 1 octet',
      'awake 1, 12 ms: < PINGRESP',
      'awake 1: 1 message, PINGRESP after 12 ms',
      'awake 2: 0 messages, and no PINGRESP after 7 ms',
    ]);
  });
});
