/** Short dialogues of a client: one request, one answer. */
import type { Message } from '../../src/codec/message.ts';
import type { Requests } from './requests.ts';

/** Asks; `then` runs when a message of that type answers. */
export function ask(requests: Requests, message: Message, answer: Message['type'], then: () => void = () => {}): void {
  requests.ask({
    message,
    answeredBy: ({ type }) => {
      if (type === answer) {
        then();
      }
      return type === answer;
    },
  });
}
