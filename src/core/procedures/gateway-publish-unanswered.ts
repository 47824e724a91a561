/** What happens when a client does not answer REGISTER, PUBLISH or PUBREL of the gateway (T-r4 to T-r7). */

import type { Delivery, Outstanding } from '../state/gateway-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { drop } from '../steps/delivery.ts';
import { lose } from '../steps/endings.ts';
import { isAbsent, mediumHasRoom } from '../steps/medium.ts';
import { parkDeliveries, release, retransmit } from '../steps/outstanding.ts';
import { saveDeliveryOver } from '../steps/persistence.ts';
import { breakOffAwake } from '../steps/sleep.ts';
import type { Turn } from '../steps/turn.ts';
import { pump } from './gateway-publish.ts';

/** T_retry is over for what is outstanding. */
export function deliveryDue(session: Session, turn: Turn): void {
  const { outstanding } = session.outbound;
  if (!outstanding || session.held) {
    return; // I-38: that the client says nothing means nothing
  }
  if (outstanding.step === 'awaiting-release') {
    if (session.upstream.phase === 'up') {
      releaseUnasked(session, outstanding.delivery, turn);
    } else {
      turn.deadlines.set(session, 'delivery', turn.now + turn.retryWindow(session.path));
    }
    return;
  }
  if (isAbsent(session.path, turn)) {
    // Nothing can be sent and nothing heard: that is no silence of the client's (I-25), and the repetition when it is back counts no more
    if (session.state === 'awake') {
      breakOffAwake(session, turn);
    } else if (!mediumHasRoom(session, turn)) {
      outstanding.retries = Math.max(0, outstanding.retries - 1);
    }
    return;
  }
  if (outstanding.step === 'registering' && outstanding.topic?.known) {
    parkDeliveries(session, turn); // the client has named the topic itself meanwhile
    pump(session, turn);
    return;
  }
  if (outstanding.retries >= turn.settings.timing.retryCount) {
    giveUp(session, outstanding, turn);
    return;
  }
  if (outstanding.step !== 'releasing' && !mediumHasRoom(session, turn)) {
    return; // a repetition waits like every publish
  }
  outstanding.retries++;
  turn.note({
    type: 'retransmitted',
    ...where(session),
    message: MESSAGE_OF_STEP[outstanding.step],
    attempt: outstanding.retries,
  });
  retransmit(session, outstanding, turn);
}

/** I-7: the client's exchange can end without the broker. It may forget the message then, so that it must not come again after a crash (I-91). */
function releaseUnasked(session: Session, delivery: Delivery, turn: Turn): void {
  saveDeliveryOver(session, delivery, 0, turn);
  turn.durable = true;
  release(session, turn);
}

const MESSAGE_OF_STEP = { registering: 'REGISTER', publishing: 'PUBLISH', releasing: 'PUBREL' } as const;

/** N_retry is exhausted: T-r7 for a sleeper, T-r6 for an active client. What it leaves unanswered it has not refused. */
function giveUp(session: Session, outstanding: Outstanding, turn: Turn): void {
  const { step, topic, delivery, heard, congested } = outstanding;
  const unanswered = step === 'registering' ? topic?.unanswered : undefined;
  const givenUpBefore = unanswered?.givenUp ?? 0;
  if (unanswered) {
    unanswered.givenUp++;
  }
  if (session.state === 'awake' && givenUpBefore <= turn.settings.timing.retryCount) {
    breakOffAwake(session, turn); // a sleeper that comes again and again, and never answers, is not blocked by it for ever (I-30)
    return;
  }
  if (step === 'awaiting-release') {
    return;
  }
  const message = MESSAGE_OF_STEP[step];
  if (session.heard === heard && givenUpBefore === 0) {
    // silence for one T_retry, after an earlier REGISTER was given up, is not yet that (I-29)
    lose(
      session,
      session.undelivered === undefined ? `no answer to ${message}` : `no answer to ${message}: ${session.undelivered}`,
      turn,
    );
    return;
  }
  parkDeliveries(session, turn);
  const reason = congested ? `the client answered ${message} with congestion only` : `no answer to ${message}`;
  drop(session, delivery, reason, 0, turn);
  pump(session, turn);
}
