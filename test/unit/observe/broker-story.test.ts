import { beforeEach, describe, expect, it } from '@jest/globals';
import { BrokerStory } from '../../../src/observe/broker-story.ts';
import type { NoteLine } from '../../../src/observe/note-line.ts';
import { NOTE_LINES } from '../../../src/observe/note-lines.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { NOTES } from './notes.ts';

let story: BrokerStory;

beforeEach(() => {
  story = new BrokerStory();
});

/** The levels of the lines of these notes, in order. */
function levels(...notes: readonly Note[]): string[] {
  return notes.map((note) => {
    const line: NoteLine<Note> = NOTE_LINES[note.type];
    return story.levelOf(note, line.level(note));
  });
}

const REFUSED = 'connect ECONNREFUSED';
const OWN = { clientId: undefined };
const ownUp: Note = { type: 'upstream-up', ...OWN, sessionPresent: false };
const ownBroke: Note = { type: 'upstream-down', ...OWN, reason: 'closed by the broker', retryIn: 1_000, stood: true };
const inVain = (reason = REFUSED): Note => ({ type: 'upstream-down', ...OWN, reason, retryIn: 1_000, away: true });
const away: Note = { type: 'gateway-reachable', reachable: false, reason: REFUSED };
const there: Note = { type: 'gateway-reachable', reachable: true };
const back: Note = { type: 'gateway-reachable', reachable: true, lostFor: 20_000 };
const clientFell = (attempt: number): Note => ({ ...NOTES['upstream-down'], attempt });
const sharedUp: Note = { ...NOTES['shared-connection-up'] };
const sharedBroke: Note = { ...NOTES['shared-connection-down'], stood: true };
const sharedInVain: Note = { ...NOTES['shared-connection-down'], reason: REFUSED };

describe('the story of the broker', () => {
  it('begins with the connection of the gateway', () => {
    expect(levels(there, ownUp)).toEqual(['debug', 'info']);
  });

  it('has one warning for an outage, and one line for its end', () => {
    levels(there, ownUp);
    expect(levels(clientFell(1), clientFell(1), ownBroke)).toEqual(['debug', 'debug', 'info']);
    expect(levels(inVain(), away)).toEqual(['debug', 'warn']);
    expect(levels(inVain(), inVain(), clientFell(4))).toEqual(['debug', 'debug', 'debug']);
    expect(levels(back, ownUp)).toEqual(['info', 'info']); // that it broke was told at info
    expect(levels(ownBroke, ownUp)).toEqual(['info', 'info']); // another break, without an outage
  });

  it('says why it is away where it was not there at the start, and when it comes', () => {
    expect(levels(inVain(), away, inVain())).toEqual(['debug', 'warn', 'debug']);
    expect(levels(there, ownUp)).toEqual(['info', 'debug']);
  });

  it('says it again where the reason is another one', () => {
    levels(inVain(), away);
    const other = inVain('getaddrinfo ENOTFOUND');
    expect(levels(inVain(), other, other, inVain())).toEqual(['debug', 'warn', 'debug', 'warn']);
  });

  it('says once for each reason that the own connection is refused by a broker that is there', () => {
    const refused = (reason: string): Note => ({ type: 'upstream-down', ...OWN, reason, retryIn: 1_000 });
    expect(levels(refused('not authorized'), refused('not authorized'), refused('banned'))).toEqual([
      'warn',
      'debug',
      'warn',
    ]);
    expect(levels(ownUp, refused('not authorized'))).toEqual(['info', 'warn']);
  });

  it('says that a client has no connection where that happens again and again though the broker is there', () => {
    levels(there, ownUp);
    expect(levels(clientFell(1), clientFell(2), clientFell(3))).toEqual(['debug', 'debug', 'info']);
    expect(levels({ ...NOTES['upstream-down'], retryIn: undefined })).toEqual(['debug']); // told by what becomes of it
  });

  it('has the shared connection in the same lines', () => {
    expect(levels(there, ownUp, sharedUp)).toEqual(['debug', 'info', 'info']);
    expect(levels(sharedBroke, ownBroke, sharedInVain, inVain(), away, sharedInVain)).toEqual([
      ...['info', 'info', 'debug', 'debug', 'warn', 'debug'],
    ]);
    expect(levels(back, ownUp, sharedUp)).toEqual(['info', 'info', 'info']);
  });

  it('has a line for each connection that stands again after a line that it broke, and no other', () => {
    const [up, down] = [NOTES['status-up'], NOTES['status-down']];
    levels(there, ownUp, sharedUp, up);
    expect(levels(sharedBroke, ownBroke, down, inVain(), away)).toEqual(['info', 'info', 'info', 'debug', 'warn']);
    expect(levels(back, sharedUp, ownUp, up)).toEqual(['info', 'info', 'info', 'info']);
    expect(levels(inVain(), away, back, ownUp)).toEqual(['debug', 'warn', 'info', 'debug']); // it did not stand before
  });

  it('warns where the broker has lost the session of the shared connection', () => {
    levels(there, ownUp, sharedUp);
    expect(levels(sharedBroke, { ...NOTES['shared-connection-up'], sessionLost: true })).toEqual(['info', 'warn']);
  });

  it('says that the shared connection cannot be made where the broker is there, once for each reason', () => {
    levels(there, ownUp);
    expect(levels(sharedInVain, sharedInVain, sharedUp, sharedInVain)).toEqual(['warn', 'debug', 'info', 'warn']);
  });

  it('says once what a broker without Subscription Identifiers means', () => {
    const limited: Note = { ...NOTES['shared-connection-up'], protocolVersion: 4, identifies: false };
    expect(levels(limited, sharedBroke, limited)).toEqual(['warn', 'info', 'info']);
  });

  it('warns each time when the broker has lost the session of the shared connection', () => {
    const lost: Note = { ...NOTES['shared-connection-up'], sessionPresent: false, sessionLost: true };
    levels(there, ownUp);
    expect(levels(lost, sharedBroke, lost)).toEqual(['warn', 'info', 'warn']);
    expect(levels(away, back, lost)).toEqual(['warn', 'info', 'warn']);
  });

  it('has the connection for the status in the same lines', () => {
    const [up, down] = [NOTES['status-up'], NOTES['status-down']];
    expect(levels(up, down, down)).toEqual(['info', 'info', 'debug']);
    expect(levels(inVain(), away, down, there, up)).toEqual(['debug', 'warn', 'debug', 'info', 'info']); // that it fell was told
    expect(levels(inVain(), away, down, there, up)).toEqual(['debug', 'warn', 'debug', 'info', 'debug']);
  });

  it('does not warn of what is refused or dropped because the broker is away', () => {
    const notes: Note[] = [
      { ...NOTES['client-refused'], returnCode: 1 },
      { ...NOTES['request-rejected'], returnCode: 1 },
      { ...NOTES['client-publish-dropped'], reason: 'too many wait for the broker' },
    ];
    expect(levels(...notes)).toEqual(['warn', 'warn', 'warn']);
    levels(inVain(), away);
    expect(levels(...notes)).toEqual(['info', 'info', 'info']);
    expect(levels({ ...NOTES['client-refused'], returnCode: 3 })).toEqual(['warn']);
    levels(back);
    expect(levels(...notes)).toEqual(['warn', 'warn', 'warn']);
  });
});
