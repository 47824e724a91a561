import { describe, expect, it } from '@jest/globals';
import { BrokerWatch } from '../../../src/observe/broker-watch.ts';
import type { Note } from '../../../src/ports/observer.ts';

type BrokerNote = Parameters<BrokerWatch['note']>[0];

const ownUp: BrokerNote = { type: 'upstream-up', clientId: undefined, sessionPresent: false };
const ownDown = (reason: string): BrokerNote => ({
  type: 'upstream-down',
  clientId: undefined,
  reason,
  retryIn: 1_000,
});
const clientUp: BrokerNote = { type: 'upstream-up', clientId: 's1', sessionPresent: false };
const clientDown: BrokerNote = { type: 'upstream-down', clientId: 's1', reason: 'closed', retryIn: 1_000 };
const reachable = (is: boolean): BrokerNote => ({ type: 'gateway-reachable', reachable: is });
const sharedUp: BrokerNote = {
  type: 'shared-connection-up',
  sessionPresent: false,
  protocolVersion: 5,
  identifies: true,
};
const sharedDown = (reason: string): BrokerNote => ({ type: 'shared-connection-down', reason, retryIn: 1_000 });

/** A watch at time 0, and a way to tell it something at a time while connections stand, or none does. */
function watching(isAggregating = false) {
  let now = 0;
  let stands = false;
  const watch = new BrokerWatch({ isAggregating, stands: () => stands, wallClock: () => now });
  return {
    watch,
    tell: (at: number, isStanding: boolean, ...notes: BrokerNote[]) => {
      now = at;
      stands = isStanding;
      for (const note of notes) {
        watch.note(note as Extract<Note, BrokerNote>);
      }
      return watch.read();
    },
  };
}

describe('how the way to the broker is', () => {
  it('is about to be made at first, then made', () => {
    const { watch, tell } = watching();
    expect(watch.read()).toEqual({ state: 'connecting', since: 0, reason: undefined });
    expect(tell(5, true, reachable(true), ownUp)).toEqual({ state: 'reachable', since: 5, reason: undefined });
    expect(tell(9, true, clientUp)).toEqual({ state: 'reachable', since: 5, reason: undefined });
  });

  it('is not there where the first attempt is in vain, with the reason', () => {
    const { tell } = watching();
    const down = tell(1, false, ownDown('connection refused'), reachable(false));
    expect(down).toEqual({ state: 'unreachable', since: 1, reason: 'connection refused' });
    expect(tell(2, false, ownDown('not authorized'))).toEqual({
      state: 'unreachable',
      since: 1,
      reason: 'not authorized',
    });
  });

  it('is not there where the broker refuses every attempt: nobody has said that it cannot be reached', () => {
    const { tell } = watching();
    expect(tell(1, false, ownDown('bad user name or password'))).toMatchObject({
      state: 'unreachable',
      reason: 'bad user name or password',
    });
  });

  it('is being made again for a moment when it breaks, until an attempt is in vain', () => {
    const { tell } = watching();
    tell(1, true, reachable(true), ownUp);
    expect(tell(2, false, ownDown('closed'), clientDown)).toEqual({ state: 'connecting', since: 2, reason: 'closed' });
    expect(tell(3, false, ownDown('refused'), reachable(false))).toEqual({
      state: 'unreachable',
      since: 3,
      reason: 'refused',
    });
    expect(tell(4, true, reachable(true), ownUp)).toEqual({ state: 'reachable', since: 4, reason: undefined });
  });

  it('stands by the connections of clients, with the trouble of the own one beside it', () => {
    const { tell } = watching();
    tell(1, true, ownUp, clientUp);
    expect(tell(2, true, ownDown('its client id is in use'))).toEqual({
      state: 'reachable',
      since: 1,
      reason: 'its client id is in use',
    });
    expect(tell(3, true, ownUp).reason).toBeUndefined();
  });

  it('is seen also where the last connection ended without a note', () => {
    const { tell } = watching();
    tell(1, true, clientUp);
    expect(tell(7, false)).toMatchObject({ state: 'connecting', since: 7 });
  });
});

describe('the same where clients share a connection', () => {
  it('is that connection: the own one, which stands, carries no client', () => {
    const { tell } = watching(true);
    expect(tell(1, false, ownUp, reachable(true))).toEqual({ state: 'connecting', since: 0, reason: undefined });
    expect(tell(2, false, sharedDown('not authorized'))).toEqual({
      state: 'unreachable',
      since: 2,
      reason: 'not authorized',
    });
    expect(tell(3, true, sharedUp)).toEqual({ state: 'reachable', since: 3, reason: undefined });
    expect(tell(4, true, ownDown('closed'))).toEqual({ state: 'reachable', since: 3, reason: undefined });
  });
});
