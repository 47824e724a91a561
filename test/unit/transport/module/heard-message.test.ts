import { describe, expect, it } from '@jest/globals';
import { heardMessage } from '../../../../src/transport/module/heard-message.ts';
import { moduleError, moduleWords } from '../../../../src/transport/module/module-error.ts';
import type { FromModule, ModuleAnswer } from '../../../../src/transport/module/thread-messages.ts';

const MESSAGES: readonly (FromModule | ModuleAnswer)[] = [
  { type: 'received', address: '7', frame: Uint8Array.of(2, 0x16) },
  { type: 'signal', address: '7', rssi: -40, retries: undefined },
  { type: 'discarded', octets: 3 },
  { type: 'problem', code: 'ERROR', reason: 'noise' },
  { type: 'opened', medium: { description: 'radio', maxFrame: 32 }, canBroadcast: false },
  { type: 'failed', step: 'open', code: 'ERROR', reason: 'no device' },
  { type: 'sent', id: 1 },
  { type: 'unsent', id: 1, code: 'ERROR', reason: 'no acknowledgement' },
  { type: 'lost', code: 'ELOST', reason: 'unplugged' },
  { type: 'pong' },
  { type: 'closed' },
];

describe('what comes from the thread of a module', () => {
  it.each(MESSAGES)('is a message: $type', (message) => {
    expect(heardMessage(structuredClone(message))).toEqual(message);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a text', 'received'],
    ['an empty object', {}],
    ['a list', []],
    ['another type', { type: 'hello' }],
    ['a name that every object has', { type: 'constructor' }],
    ['no text as type', { type: { toString: 1 } }],
    ['parts left out', { type: 'received' }],
    ['a frame that is none', { type: 'received', address: '7', frame: 'text' }],
    ['an address that is none', { type: 'received', address: 7, frame: Uint8Array.of(2, 0x16) }],
    ['a count that is none', { type: 'discarded', octets: Number.NaN }],
    ['a medium that is none', { type: 'opened', medium: { description: 5 }, canBroadcast: true }],
    ['no medium', { type: 'opened', medium: null, canBroadcast: true }],
  ])('is something else: %s', (_, heard) => {
    expect(heardMessage(heard)).toBeUndefined();
  });
});

describe('what a module throws', () => {
  it.each([
    ['without a text', Object.create(null)],
    ['with a message without a text', { message: { toString: 1, valueOf: 1 } }],
  ])('is told where it is something %s', (_, thrown) => {
    expect(moduleError(thrown, '/radio').reason).toContain('something that has no text');
    expect(moduleWords(Object.create(null))).toBe('something that has no text');
  });
});
