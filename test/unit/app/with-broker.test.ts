import { expect, it } from '@jest/globals';
import { withBroker } from '../../../src/app/with-broker.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { NOTES } from '../observe/notes.ts';

const place = { url: 'mqtt://broker:1883', ownClientId: 'gw', sharedClientId: 'gw-s' };

it.each<[Note, object]>([
  [{ type: 'upstream-down', clientId: undefined, reason: 'broken', retryIn: 1 }, { url: place.url }],
  [{ type: 'gateway-reachable', reachable: false }, { url: place.url }],
  [{ type: 'own-connection-contested', proof: 'none' }, { brokerClientId: 'gw' }],
  [{ type: 'shared-connection-contested', proof: 'own' }, { brokerClientId: 'gw-s' }],
  [NOTES['upstream-down'], {}],
  [{ type: 'gateway-reachable', reachable: true }, {}],
])('%j is told with %j', (note, more) => {
  const told: Note[] = [];
  withBroker({ note: (said) => told.push(said) }, place).note(note);
  expect(told).toEqual([{ ...note, ...more }]);
});
