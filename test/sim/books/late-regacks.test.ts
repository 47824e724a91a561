import { describe, expect, it } from '@jest/globals';
import { LateRegAcks } from './late-regacks.ts';

/** REGACK for t/a under MsgId 2 at 1000 ms; the client registers t/b under `msgId` at `at`. */
function afterReboot(msgId: number, at: number): LateRegAcks {
  const regAcks = new LateRegAcks();
  regAcks.asks('t/a', 2, 500);
  regAcks.heard('t/a', 2, 700);
  regAcks.sent(2, 1_000);
  regAcks.asks('t/b', msgId, at);
  return regAcks;
}

describe('REGACK that comes late', () => {
  it('is taken for that of another topic under the same MsgId, asked for after it was sent', () => {
    expect(afterReboot(2, 1_001).mayMistake('t/b', 't/a')).toBe(true);
  });

  it.each([
    ['under another MsgId', afterReboot(3, 1_001)],
    ['where it was sent after the client had asked', afterReboot(2, 999)],
  ])('is not, %s', (_, regAcks) => {
    expect(regAcks.mayMistake('t/b', 't/a')).toBe(false);
  });

  it('is so also where the client has asked under other MsgIds since', () => {
    const regAcks = afterReboot(2, 1_001);
    regAcks.asks('t/b', 3, 5_000);
    expect(regAcks.mayMistake('t/b', 't/a')).toBe(true);
  });

  it('leads to the topic that it was for, and no other', () => {
    const regAcks = afterReboot(2, 1_001);
    expect(regAcks.mayMistake('t/b', 't/c')).toBe(false);
    expect(regAcks.mayMistake('t/c', 't/a')).toBe(false);
  });

  it('may be for the one before, where it was decided before the client asked, and waited for the disk', () => {
    const regAcks = new LateRegAcks();
    regAcks.asks('t/a', 2, 500);
    regAcks.heard('t/a', 2, 700);
    regAcks.asks('t/b', 2, 1_000);
    regAcks.heard('t/b', 2, 1_100);
    regAcks.sent(2, 900);
    expect(regAcks.mayMistake('t/b', 't/a')).toBe(true);
  });

  it('is for a topic that was asked for when it was decided, where another one follows under the same MsgId', () => {
    const regAcks = afterReboot(2, 1_001);
    regAcks.heard('t/b', 2, 1_100);
    expect(regAcks.askedFor(2, 1_100)).toEqual(['t/a', 't/b']);
    expect(regAcks.askedFor(2, 1_101)).toEqual(['t/b']);
    expect(regAcks.askedFor(3, 0)).toEqual([]);
  });
});
