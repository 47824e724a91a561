/** What the operator is told of its publishes. */

import type { OperatorPublish } from '../state/own-publish.ts';
import type { Turn } from './turn.ts';

/** One is over for the operator. `problem`: why the broker does not have it, or may not have it; undefined: it has. Told once, whatever comes later. */
export function tellOperator(publish: OperatorPublish, problem: string | undefined, turn: Turn): void {
  turn.shared.gatewayLink.operator.remove(publish);
  tellLeft(publish, problem, turn);
}

/** The same where the broker may still answer it. */
export function tellLeft(publish: OperatorPublish, problem: string | undefined, turn: Turn): void {
  if (!publish.told) {
    publish.told = true;
    turn.emit({ type: 'tell-operator', token: publish.token, problem });
  }
}
