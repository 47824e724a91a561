import { describe, expect, it } from '@jest/globals';
import { Findings } from './findings.ts';
import { Window } from './window.ts';

const NONE: ReadonlySet<string> = new Set();
const PLAN = {
  protocol: 5,
  window: 20,
  delay: [1, 1],
  limits: { receiveMaximum: 2 },
  saysWhy: false,
  identifiers: true,
  joinsCopies: false,
  subscribing: 0,
  namesVersion: true,
} as const;

/** The check that objects after these: packet ids that are published, and answers. */
function objection(...steps: readonly (number | 'PUBACK 1' | 'PUBREC 1' | 'refusing PUBREC 1' | 'lost')[]) {
  const findings = new Findings(NONE, NONE, () => 0);
  const book = new Window(findings, PLAN);
  for (const step of steps) {
    if (typeof step === 'number') {
      const message = { topic: 't', payload: new Uint8Array(0), retain: false, dup: false } as const;
      book.emitted('c0', {
        type: 'upstream-publish',
        connection: 1,
        packetId: step,
        qos: step === 0 ? 0 : 2,
        ...message,
      });
    } else if (step === 'lost') {
      book.heard({ type: 'upstream-lost', connection: 1, reason: 'gone', takenOver: false });
    } else {
      const packet = step === 'PUBACK 1' ? 'PUBACK' : 'PUBREC';
      const reasonCode = step.startsWith('refusing') ? 0x87 : 0;
      book.heard({ type: 'upstream-acknowledged', connection: 1, packetId: 1, packet, reasonCode });
    }
  }
  return findings.first?.check;
}

describe('books of a broker that takes two publishes at a time', () => {
  it.each([
    [[1, 2]],
    [[0, 0, 0, 1, 2]],
    [[1, 2, 1]],
    [[1, 2, 'PUBACK 1', 3]],
    [[1, 2, 'refusing PUBREC 1', 3]],
    [[1, 2, 'lost', 3, 4]],
  ] as const)('have nothing against %j', (steps) => {
    expect(objection(...steps)).toBeUndefined();
  });

  it.each([[[1, 2, 3]], [[1, 2, 'PUBREC 1', 3]]] as const)('object to %j', (steps) => {
    expect(objection(...steps)).toBe('beyond-limits');
  });
});
