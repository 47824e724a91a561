/** An application message, for whoever watches: nobody, nearly always, and then it costs one look. */

import type { SeenMessage } from '../contract/effect.ts';
import type { Turn } from './turn.ts';

type Shown = Pick<SeenMessage, 'topic' | 'payload' | 'qos' | 'retain'>;

/** `whose`: the client, and where it is. */
export function showMessage(
  direction: SeenMessage['direction'],
  whose: Pick<SeenMessage, 'clientId' | 'link'>,
  { topic, payload, qos, retain }: Shown,
  turn: Turn,
): void {
  const { clientId, link } = whose;
  turn.emit({ type: 'show-message', message: { direction, clientId, link, topic, payload, qos, retain } });
}
