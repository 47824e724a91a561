/** Time has passed: every deadline that is due reaches its procedure. One table for each kind of owner, with every name in it. */

import { brokerSettled } from './procedures/broker-return.ts';
import { connectDue, subscriptionsRestored } from './procedures/connect-outcome.ts';
import { expiryDue } from './procedures/disconnect.ts';
import { advertiseDue } from './procedures/discovery.ts';
import { connectGateway } from './procedures/gateway-connection.ts';
import { deliveryDue } from './procedures/gateway-publish-unanswered.ts';
import { keepAliveDue } from './procedures/keep-alive.ts';
import { mediumReady } from './procedures/medium-turns.ts';
import { operatorDue } from './procedures/operator-publish.ts';
import { verdictDue } from './procedures/poison.ts';
import { awakeDue, sleepDue } from './procedures/sleep.ts';
import { graceOver, pauseOver } from './procedures/upstream-changes.ts';
import { probeDue } from './procedures/upstream-resume.ts';
import { willDue } from './procedures/will-dialogue.ts';
import { AFTER_DEFECT, type Due, type SessionTimer, type TimerName } from './state/deadlines.ts';
import type { GatewayTimer } from './state/gateway-link.ts';
import type { Leftover } from './state/leftovers.ts';
import type { Session } from './state/session.ts';
import type { TransportState } from './state/transports.ts';
import type { WaitingState } from './state/waiting-state.ts';
import { endFarewell } from './steps/farewell.ts';
import { attemptLeftover } from './steps/leftovers.ts';
import { trialDue } from './steps/own-publishes.ts';
import { reviewOwnSession } from './steps/own-session.ts';
import { partDone } from './steps/parts.ts';
import { restDue } from './steps/rest.ts';
import type { Turn } from './steps/turn.ts';
import { releaseDue } from './steps/unreleased-publishes.ts';

type Handlers<Name extends TimerName, Owner> = Readonly<Record<Name, (owner: Owner, turn: Turn) => void>>;

const SESSION: Handlers<SessionTimer, Session> = {
  will: willDue,
  connect: connectDue,
  'keep-alive': keepAliveDue,
  sleep: sleepDue,
  awake: awakeDue,
  delivery: deliveryDue,
  release: releaseDue,
  reconnect: pauseOver,
  probe: (session, turn) => {
    probeDue(session, turn);
    subscriptionsRestored(session, turn);
    if (session.upstream.owesSession || session.isGone) {
      reviewOwnSession(session, turn);
    }
  },
  verdict: verdictDue,
  grace: graceOver,
  farewell: endFarewell,
  expiry: expiryDue,
};

const TRANSPORT: Handlers<'line', TransportState> = { line: mediumReady };

const GATEWAY_LINK: Handlers<GatewayTimer, unknown> = {
  reconnect: (_, turn) => connectGateway(turn),
  trial: (_, turn) => trialDue(turn),
  operator: (_, turn) => operatorDue(turn),
};

const LEFTOVER: Handlers<'reconnect', Leftover> = { reconnect: attemptLeftover };

const REACHABILITY: Handlers<'advertise' | 'settled', unknown> = {
  advertise: (_, turn) => advertiseDue(turn),
  settled: (_, turn) => brokerSettled(turn),
};

const RESTING: Handlers<'rest', unknown> = { rest: (_, turn) => restDue(turn) };

/** Everything that is due at the time of the turn. */
export function timePassed(turn: Turn): void {
  for (let due = turn.deadlines.takeDue(turn.now); due; due = turn.deadlines.takeDue(turn.now)) {
    try {
      deadlineDue(due, turn);
    } catch (error) {
      if (due.owner.kind !== 'session' && !turn.deadlines.has<TimerName>(due.owner, due.name)) {
        turn.deadlines.putBack(due, turn.now + AFTER_DEFECT); // nobody would set it again
      }
      throw error;
    }
    partDone(turn);
  }
}

function deadlineDue({ owner, name }: Due<WaitingState>, turn: Turn): void {
  switch (owner.kind) {
    case 'session':
      turn.current = owner;
      call(SESSION, name, owner, turn);
      owner.lookAgain();
      return;
    case 'transport':
      call(TRANSPORT, name, owner, turn);
      return;
    case 'gateway-link':
      call(GATEWAY_LINK, name, owner, turn);
      return;
    case 'leftover':
      call(LEFTOVER, name, owner, turn);
      return;
    case 'reachability':
      call(REACHABILITY, name, owner, turn);
      return;
    case 'resting':
      call(RESTING, name, owner, turn);
  }
}

function call<Owner>(handlers: Partial<Handlers<TimerName, Owner>>, name: TimerName, owner: Owner, turn: Turn): void {
  const handler = handlers[name];
  if (handler === undefined) {
    throw new Error(`the owner of a deadline does not wait for ${name}`);
  }
  handler(owner, turn);
}
