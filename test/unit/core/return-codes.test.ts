import { describe, expect, it } from '@jest/globals';
import {
  connectReturnCode,
  publishReturnCode,
  refusalReason,
  subscribeReturnCode,
} from '../../../src/core/steps/return-codes.ts';

const octets = Array.from({ length: 0x80 }, (_unused, index) => 0x80 + index);

describe('CONNACK of the broker (3.6)', () => {
  it.each([
    [1, 3],
    [2, 3],
    [3, 1],
    [4, 3],
    [5, 3],
  ])('3.1.1 return code %d is 0x0%d', (reason, code) => {
    expect(connectReturnCode(4, reason)).toBe(code);
  });

  it('MQTT 5: what will not go away is 0x03, everything else 0x01', () => {
    const final = [0x81, 0x82, 0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x90, 0x95, 0x99, 0x9a, 0x9b];
    expect(octets.filter((reason) => connectReturnCode(5, reason) === 3)).toEqual(final);
    expect(octets.filter((reason) => connectReturnCode(5, reason) === 1)).toEqual(
      octets.filter((reason) => !final.includes(reason)),
    );
  });

  it('has words for every refusal, different ones for different reasons', () => {
    expect(refusalReason(0x87)).not.toBe(refusalReason(0x88));
    for (const reason of [1, 2, 3, 4, 5, ...octets]) {
      expect(refusalReason(reason)).toMatch(/\w/);
    }
  });

  it.each([
    [4, 'bad user name or password (0x04): check upstream.username and upstream.password'],
    [0x86, 'bad user name or password (0x86): check upstream.username and upstream.password'],
    [0x87, 'not authorized (0x87): check upstream.username and upstream.password, and what the broker permits'],
    [1, 'unacceptable protocol version (0x01): set upstream.protocolVersion to the version of the broker'],
    [0x89, 'server busy (0x89)'],
  ])('says what an operator can do about 0x%s, where there is something', (reason, words) => {
    expect(refusalReason(reason)).toBe(`the broker refused: ${words}`);
  });
});

describe('SUBACK of the broker (3.6)', () => {
  it.each([0, 1, 2])('0x0%d is accepted', (reason) => {
    expect(subscribeReturnCode(reason)).toBe(0);
  });

  it('0x97 is 0x01, every other failure but 0x91 (retried) 0x03', () => {
    expect(subscribeReturnCode(0x97)).toBe(1);
    for (const reason of octets.filter((each) => each !== 0x97 && each !== 0x91)) {
      expect(subscribeReturnCode(reason)).toBe(3);
    }
  });
});

describe('PUBACK and PUBREC of the broker (3.6)', () => {
  it.each([
    [0x00, 0],
    [0x10, 0],
    [0x97, 1],
    [0x80, 1],
    [0x83, 1],
    [0x87, 3],
    [0x90, 3],
    [0x99, 3],
  ])('0x%x is 0x0%d', (reason, code) => {
    expect(publishReturnCode(reason)).toBe(code);
  });

  it('no failure is ever taken for an acceptance', () => {
    for (const reason of octets) {
      expect(publishReturnCode(reason)).not.toBe(0);
    }
  });
});
