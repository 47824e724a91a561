import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame, octets } from '../support/core-bench.ts';

/** Octets that the gateway sends to the address of a sender, for each octet that came from there; an hour is waited for more. */
function ratioOf(hex: string): number {
  const bench = new CoreBench({
    settings: { access: { rules: [], default: 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' } },
  });
  const lines = [...bench.from('x', hex), ...bench.pass(3_600_000)];
  const sent = lines.filter((line) => line.startsWith('x < ')).map((line) => octets(line.slice(4)).length);
  return sent.reduce((sum, each) => sum + each, 0) / octets(hex).length;
}

describe('what an address that was made up may get (docs/security.md)', () => {
  it.each([
    ['CONNECT', connectFrame('x')],
    ['CONNECT with Will', frame('04 0c 01 003c', 'x')],
    ['PINGREQ', frame('16')],
    ['PINGREQ with a client id', frame('16', 'x')],
    ['PUBLISH', frame('0c 00 0001 0000', 'x')],
    ['PUBLISH with QoS −1', frame('0c 62 7470 0000', 'x')],
    ['REGISTER', frame('0a 0000 0001', 'x')],
    ['SUBSCRIBE', frame('12 00 0001', 'x')],
    ['UNSUBSCRIBE', frame('14 00 0001', 'x')],
    ['WILLTOPIC', frame('07')],
    ['WILLMSGUPD', frame('1c')],
    ['DISCONNECT', frame('18')],
    ['SEARCHGW', frame('01 00')],
    ['noise', 'ff'],
  ])('%s of nobody is answered with no more than it has', (_what, hex) => {
    expect(ratioOf(hex)).toBeLessThanOrEqual(1);
  });

  it('CONNECT with Will, where anybody may connect, with a few octets more, for its prompt is repeated', () => {
    const bench = new CoreBench();
    const hex = frame('04 0c 01 003c', 'x');
    const lines = [...bench.from('x', hex), ...bench.pass(3_600_000)];
    const sent = lines
      .filter((line) => line.startsWith('x < '))
      .join('')
      .replaceAll('x < ', '');
    expect(sent).toBe('0206'.repeat(4));
    expect(octets(sent).length / octets(hex).length).toBeCloseTo(8 / 7);
  });
});
