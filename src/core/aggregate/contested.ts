/** Whether somebody else at the broker seems to have the client id of the shared connection (I-45). */

import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Note } from '../contract/note.ts';
import type { Hub } from './hub.ts';
import { unanswered } from './suspects.ts';

/** Connections in a row that end within a minute, without a reason, while the gateway's own stands. */
const SHORT_LIVED_LIMIT = 3;
/** One that stands this long is not short-lived. */
const LASTING: Millis = 60_000;

type Proof = Extract<Note, { readonly type: 'shared-connection-contested' }>['proof'];

/** To be asked of each connection that stood and ended, before what was out on it is taken back. Undefined: nothing speaks for it. */
export function contestedBy(lost: UpstreamLost, hub: Hub): Proof | undefined {
  const { link, now } = hub;
  const { shortLived } = link;
  const isShort = !lost.ours && lost.reasonCode === undefined && now - link.upSince < LASTING;
  if (!isShort) {
    shortLived.count = 0;
  } else if (unanswered(hub, lost).length === 0) {
    const wasAlone = link.witnessedSince(shortLived.at); // the own connection did not fall behind the last one
    shortLived.count = link.witnessedSince(link.upSince) ? (wasAlone ? shortLived.count + 1 : 1) : 0;
    shortLived.at = now;
  }
  if (lost.takenOver) {
    return 'broker';
  }
  return shortLived.count >= SHORT_LIVED_LIMIT ? 'own' : undefined;
}

/** Says so, where something speaks for it. */
export function tellContested(proof: Proof | undefined, hub: Hub): void {
  if (proof !== undefined) {
    hub.note({ type: 'shared-connection-contested', proof });
  }
}
