import { expect, it } from '@jest/globals';
import { MessageRates } from '../../../../src/http/model/message-rates.ts';
import { overviewOf } from '../../../../src/http/model/overview.ts';
import { DropReasons } from '../../../../src/observe/drop-reasons.ts';
import { NOTES } from '../../observe/notes.ts';
import { siteAtRest } from '../site-at-rest.ts';

it('the overview counts dropped messages by direction, with the most frequent reasons, as the metrics do', () => {
  const drops = new DropReasons();
  const parts = {
    site: siteAtRest(),
    sessions: { census: () => new Map() },
    operator: { needsRestart: [] },
    rates: new MessageRates({ now: () => 0 }),
    drops,
    wall: () => 1_700_000_000_000,
    eventLoopDelay: () => 0,
    accessHint: () => undefined,
  };
  expect(overviewOf(parts).dropped).toEqual({ up: 0, down: 0, reasons: [] });
  const full = 'too many messages wait for the client';
  for (const reason of [`${full} (sessions.queue.messages: 5): the oldest goes`, full]) {
    drops.note({ ...NOTES['delivery-dropped'], qos: 2, reason });
  }
  for (const letter of 'abcdefghijklmnop') {
    drops.note({ ...NOTES['client-publish-dropped'], qos: -1, reason: letter });
  }
  const { up, down, reasons } = overviewOf(parts).dropped;
  expect([up, down, reasons.length]).toEqual([16, 2, 10]);
  expect(reasons.slice(0, 2)).toEqual([
    { direction: 'down', qos: 2, reason: full, count: 2 },
    { direction: 'up', qos: -1, reason: 'a', count: 1 },
  ]);
});
