import { describe, expect, it } from '@jest/globals';
import type { UpstreamConnect } from '../../src/core/contract/effect.ts';
import { connectFrame } from '../support/core-bench.ts';
import { S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';

const ALICE = 'dtls:192.0.2.7:4711@alice';
const CONNECT = connectFrame('s1', false);

function bench(): DiskBench {
  const made = new DiskBench();
  made.open('dtls');
  return made;
}

/** The last connection that was wanted for a client. */
function wanted({ turns }: DiskBench): UpstreamConnect | undefined {
  return turns
    .flat()
    .findLast((effect): effect is UpstreamConnect => effect.type === 'upstream-connect' && effect.clientId === 's1');
}

/** The broker accepts the connection of `s1`, whose client id has this prefix there. */
function up(made: DiskBench, sessionPresent: boolean, clientIdPrefix?: string): string[] {
  const connection = made.connectionOf('s1');
  return made.feed({
    type: 'upstream-connected',
    connection,
    sessionPresent,
    ...(clientIdPrefix && { clientIdPrefix }),
  });
}

/** `s1` of nobody has subscribed "c/d" and is gone; its client id had this prefix. */
function left(clientIdPrefix?: string): DiskBench {
  const made = bench();
  made.from('s', CONNECT);
  up(made, false, clientIdPrefix);
  made.from('s', S1.subscribe);
  made.suback(made.connectionOf('s1'), 1, 1);
  made.from('s', '02 18');
  return made;
}

describe('credentials at the broker (I-127)', () => {
  it('a connection is wanted with the identity of the session, over a restart, and for its end', () => {
    const made = bench();
    made.from(ALICE, CONNECT);
    expect(wanted(made)).toMatchObject({ clientId: 's1', identity: 'alice' });
    up(made, false);
    const next = restarted(made);
    expect(wanted(next)).toMatchObject({ clientId: 's1', identity: 'alice', cleanSession: false });
    up(next, true);
    next.feed({ type: 'operator-forgot', clientId: 's1' });
    const end = { clientId: 's1', identity: 'alice', cleanSession: true, endsSession: true };
    expect(wanted(next)).toMatchObject(end);
    expect(wanted(restarted(next))).toMatchObject(end);
  });

  it('whose a client id at the broker is, is known of absent clients as well, over a restart (I-126)', () => {
    const made = left('gw-');
    const next = restarted(made);
    for (const { core } of [made, next]) {
      expect(core.clientAtBroker('gw-s1', 'gw-s1')).toBe('s1');
      expect(core.clientAtBroker('gw-s1', 's1')).toBeUndefined();
      expect(core.clientAtBroker('s1', 'x')).toBeUndefined();
      expect(core.clientAtBroker('gw-', 'x')).toBeUndefined();
    }
    const plain = left();
    const again = restarted(plain);
    for (const { core } of [plain, again]) {
      expect(core.clientAtBroker('s1', '1')).toBe('s1');
      expect(core.clientAtBroker('gw-s1', 'x')).toBeUndefined();
    }
    again.feed({ type: 'operator-forgot', clientId: 's1' });
    expect(again.core.clientAtBroker('s1', '1')).toBeUndefined();
  });

  it('a session of nobody has none', () => {
    const made = bench();
    made.from('s', CONNECT);
    expect(wanted(made)).not.toHaveProperty('identity');
  });

  it('what is not let in is refused, with the reason: CONNACK 0x03, and DISCONNECT while active', () => {
    const made = bench();
    const refuse = (): string[] =>
      made.feed({
        type: 'upstream-refused',
        connection: made.connectionOf('s1'),
        protocolVersion: 4,
        reasonCode: 5,
        reason: 'no rule fits',
      });
    made.from('s', CONNECT);
    expect(refuse()).toEqual(['s < 030503']);
    expect(made.notes).toMatchObject([{ type: 'client-refused', reason: 'no rule fits' }]);
    made.from('s', CONNECT);
    up(made, false);
    made.pass(6_000);
    made.down(made.connectionOf('s1'));
    made.pass(4_000);
    expect(refuse()).toEqual(['s < 0218']);
  });

  it('what the broker refuses names the rule by which it was tried', () => {
    const made = bench();
    made.from('s', CONNECT);
    const connection = made.connectionOf('s1');
    made.feed({ type: 'upstream-refused', connection, protocolVersion: 4, reasonCode: 4, rule: 'meters' });
    expect(made.notes).toMatchObject([
      {
        type: 'client-refused',
        returnCode: 3,
        reason: 'the broker refused: bad user name or password (0x04): check rule "meters" of upstream.credentials',
      },
    ]);
  });
});

describe('another prefix before the client id at the broker (I-126)', () => {
  const subscribesAgain = (lines: readonly string[]): boolean =>
    lines.some((line) => /SUBSCRIBE id\d+ c\/d/.test(line));

  it.each([
    ['the same', 'a-', 'a-', false],
    ['none as before', undefined, undefined, false],
    ['another', 'a-', 'b-', true],
    ['one where there was none', undefined, 'b-', true],
    ['none where there was one', 'a-', undefined, true],
  ])('%s: a session that is present has what was subscribed, or has not', (_what, before, after, again) => {
    const made = left(before);
    made.from('s', CONNECT);
    expect(subscribesAgain(up(made, true, after))).toBe(again);
  });

  it('is known over a restart', () => {
    const same = restarted(left('a-'));
    same.from('s', CONNECT);
    expect(subscribesAgain(up(same, true, 'a-'))).toBe(false);
    const other = restarted(left('a-'));
    other.from('s', CONNECT);
    expect(subscribesAgain(up(other, true, 'b-'))).toBe(true);
  });
});
