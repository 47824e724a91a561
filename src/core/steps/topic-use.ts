/** Who has used a topic last that nobody registers: for whoever looks at the table of them. */

import type { Turn } from './turn.ts';

/** A pre-defined id (or a short name) was used. `clientId` undefined: by a sender without a session, whose address is `link`. */
export function predefinedUsed(clientId: string | undefined, link: string, topicId: number, turn: Turn): void {
  turn.shared.predefined.used(clientId, topicId, clientId ?? link, turn.now);
}

/** The same for a message that has a topic of any kind. `topicId`: the two octets of a short name. */
export function topicUsed(
  { topicIdType, topicId }: { readonly topicIdType: string; readonly topicId: number },
  topicName: string,
  clientId: string | undefined,
  link: string,
  turn: Turn,
): void {
  if (topicIdType === 'predefined') {
    predefinedUsed(clientId, link, topicId, turn);
  } else if (topicIdType === 'short') {
    turn.shared.shortTopics.used(topicId, topicName, clientId ?? link, turn.now);
  }
}
