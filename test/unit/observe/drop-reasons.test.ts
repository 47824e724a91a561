import { beforeEach, describe, expect, it } from '@jest/globals';
import { DropReasons } from '../../../src/observe/drop-reasons.ts';
import { NOTES } from './notes.ts';

let drops: DropReasons;

beforeEach(() => {
  drops = new DropReasons();
});

function dropped(reason: string): void {
  drops.note({ ...NOTES['delivery-dropped'], qos: 1, reason });
}

describe('reasons of drops', () => {
  it('are counted by direction and QoS, and nothing else is', () => {
    for (const note of Object.values(NOTES)) {
      drops.note(note);
    }
    drops.note({ ...NOTES['client-publish-dropped'], qos: -1, reason: 'QoS −1 is switched off' });
    drops.note({ ...NOTES['client-publish-dropped'], qos: -1, reason: 'QoS −1 is switched off' });
    expect(drops.counts()).toEqual([
      { direction: 'up', qos: 0, reason: NOTES['client-publish-dropped'].reason, count: 1 },
      { direction: 'down', qos: 1, reason: NOTES['delivery-dropped'].reason, count: 1 },
      { direction: 'up', qos: -1, reason: 'QoS −1 is switched off', count: 2 },
    ]);
  });

  it('have no sizes and no details, which would make as many of them as there are messages', () => {
    for (const octets of [40, 41, 1_000]) {
      dropped(`its payload does not fit into a frame of ${octets} octets`);
    }
    dropped('the client refused it (0x2a)');
    dropped('no answer to PUBLISH: the module says that its node does not answer');
    expect(drops.counts().map(({ reason, count }) => [reason, count])).toEqual([
      ['its payload does not fit into a frame of N octets', 3],
      ['the client refused it', 1],
      ['no answer to PUBLISH', 1],
    ]);
  });

  it('are no more than some: what comes beyond them is counted as one', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    for (const first of letters) {
      for (const second of letters) {
        dropped(`${first}${second}`);
        dropped(`${first}${second}`);
      }
    }
    const counts = drops.counts();
    expect(counts.length).toBeLessThanOrEqual(61);
    expect(counts.find(({ reason }) => reason === 'other')?.count).toBeGreaterThan(1_000);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(2 * 26 * 26);
    expect(counts.find(({ reason }) => reason === 'aa')?.count).toBe(2);
  });
});
