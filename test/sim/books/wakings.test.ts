import { describe, expect, it } from '@jest/globals';
import type { Message } from '../../../src/codec/message.ts';
import { Wakings } from './wakings.ts';

const leaves = (duration?: number): Message => ({ type: 'DISCONNECT', duration });
const ping = (clientId?: string): Message => ({ type: 'PINGREQ', clientId });

const asks = {
  type: 'CONNECT',
  will: false,
  cleanSession: false,
  protocolId: 1,
  duration: 60,
  clientId: 's',
} as const satisfies Message;

describe('books of who may have been woken (I-41)', () => {
  it.each([
    ['PINGREQ with a client id', ping(), ping('s'), true],
    ['PINGREQ without, of one that sleeps', leaves(60), ping(), true],
    ['PINGREQ without, of an active one', ping(), ping(), false],
    ['PINGREQ without, of one that has left', leaves(), ping(), false],
  ])('%s', (_what, before, after, wakes) => {
    const wakings = new Wakings();
    wakings.handled(before, 'l', 's', 0);
    wakings.handled(after, 'l', 's', 1);
    expect([wakings.takeOne(2), wakings.takeOne(2)]).toEqual([wakes, false]);
  });

  it.each([
    ['there', 'l', true],
    ['elsewhere', 'm', false],
  ])('PINGREQ without one from %s, where another client has asked to connect since', (_what, link, wakes) => {
    const wakings = new Wakings();
    wakings.handled(leaves(60), 'l', 's', 0);
    wakings.handled(ping(), link, 't', 1);
    expect(wakings.takeOne(2)).toBe(wakes);
  });

  it('PINGREQ without one from where it has moved to', () => {
    const wakings = new Wakings();
    wakings.handled(leaves(60), 'l', 's', 0);
    wakings.handled(ping('s'), 'm', undefined, 1);
    expect(wakings.takeOne(2)).toBe(true);
    wakings.handled(ping(), 'm', undefined, 3);
    expect(wakings.takeOne(4)).toBe(true);
  });

  it('PINGREQ without one, of a sleeper whose connection has come back by itself', () => {
    const wakings = new Wakings();
    wakings.handled(asks, 'l', 's', 0);
    wakings.handled(leaves(60), 'l', 's', 0);
    wakings.isBack('s');
    wakings.handled(ping(), 'l', 's', 1);
    expect(wakings.takeOne(2)).toBe(true);
  });

  it('one that sleeps and connects again is none, and a minute later there is none', () => {
    const wakings = new Wakings();
    wakings.handled(leaves(60), 'l', 's', 0);
    wakings.handled(asks, 'l', 's', 0);
    wakings.isBack('s');
    wakings.handled(ping(), 'l', 's', 1);
    expect(wakings.takeOne(2)).toBe(false);
    wakings.handled(ping('s'), 'l', 's', 3);
    expect(wakings.takeOne(61_004)).toBe(false);
  });
});
