/**
 * Publishes with QoS −1, those with QoS 0 of clients that share a connection, and the operator's, on the gateway's own connection: out at
 * once, or, for a while after a connection broke with some of them out, with PINGREQ behind them and what is suspected alone, so that the one on which
 * the broker closes is found out (I-72). The operator's come before all others, and each of them alone where its kind is not known (I-104).
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { WaitingPublish } from '../state/offline-queue.ts';
import { isOperators, type OperatorPublish, type OwnPublish } from '../state/own-publish.ts';
import type { Trial, TrialRefusal } from '../state/publish-trials.ts';
import { reasonLiesIn } from './broker-faults.ts';
import { publishProblem } from './broker-limits.ts';
import { publishTo } from './broker-packets.ts';
import { tellOperator } from './operator-answers.ts';
import { publishSize } from './packet-size.ts';
import type { Turn } from './turn.ts';
import { noteDropped } from './waiting-publishes.ts';

/** What has stood goes out with PINGREQ behind it so often. */
const ASK_EVERY: Millis = 100;

/** Nothing goes out alone before the connection has stood for so long: if it breaks sooner, no publish was the reason. */
const QUIET: Millis = 1_000;

/** A broker that does not answer PINGREQ for so long holds nothing up. */
const TRIAL_LIMIT: Millis = 10_000;

/** Publishes of the operator with QoS 1 and 2 that are out at a time; no broker is known to take fewer. */
const OPERATORS_OUT = 16;

const REASONS: Readonly<Record<TrialRefusal, string>> = {
  condemned: 'the broker closes the connection on it',
  'too-long': 'it is too long for the broker',
  paused: 'the broker closed the connection on another message of its sender a moment ago',
};

/** Whether a publish is not to go out, which is told; it need not wait for the connection then. */
export function dropsOwn(publish: OwnPublish, turn: Turn): boolean {
  const { trials } = turn.shared.gatewayLink;
  const refusal = trials.isWary(turn.now) ? trials.refusal(trialOf(publish), turn.now) : undefined;
  if (refusal) {
    dropped(publish, REASONS[refusal], turn);
  }
  return refusal !== undefined;
}

function dropped(publish: OwnPublish, reason: string, turn: Turn): void {
  if (isOperators(publish)) {
    tellOperator(publish, reason, turn);
  } else {
    noteDropped(publish, reason, turn);
  }
}

/** Sends it where the connection takes it now, and nothing waits before it. */
export function sendsOwn(publish: WaitingPublish, turn: Turn): boolean {
  const { gatewayLink, offline } = turn.shared;
  const isFirst = offline.first(gatewayLink) === undefined && !isOperatorFirst(turn);
  return gatewayLink.upstream.takesQos0 && isFirst && admit(publish, turn);
}

/** While kinds are tried what the operator has waiting goes first: nobody else's goes out until then. */
function isOperatorFirst(turn: Turn): boolean {
  const { operator, trials } = turn.shared.gatewayLink;
  return operator.waiting.length > 0 && trials.isCareful(turn.now);
}

/** What waits for the connection goes out, as far as it may. */
export function ownPublishesGoOn(turn: Turn): void {
  const { gatewayLink, offline } = turn.shared;
  operatorGoesOn(turn);
  if (isOperatorFirst(turn)) {
    return;
  }
  for (let first = offline.first(gatewayLink); first; first = offline.first(gatewayLink)) {
    if (!gatewayLink.upstream.takesQos0 || !(dropsOwn(first, turn) || admit(first, turn))) {
      return;
    }
    offline.take(gatewayLink);
  }
}

/** What the operator has waiting goes out, as far as it may. */
function operatorGoesOn(turn: Turn): void {
  const { operator, upstream } = turn.shared.gatewayLink;
  const most = Math.min(OPERATORS_OUT, upstream.limits.receiveMaximum);
  for (let [first] = operator.waiting; first; [first] = operator.waiting) {
    const takes = first.qos === 0 ? upstream.takesQos0 : upstream.takes && operator.out.size < most;
    if (!takes || !(dropsOwn(first, turn) || admit(first, turn))) {
      return;
    }
    operator.waiting = operator.waiting.filter((one) => one !== first);
  }
}

/** The connection ends with the gateway: what waits goes out. */
export function sendAllOwn(turn: Turn): void {
  for (const publish of turn.shared.offline.drain(turn.shared.gatewayLink)) {
    if (!dropsOwn(publish, turn)) {
      send(publish, turn);
    }
  }
}

/** The connection stands (again). Whoever is accused is judged: clients' connections that broke as well tell of another reason. */
export function ownStands(turn: Turn): void {
  const { gatewayLink, reachability } = turn.shared;
  const { trials } = gatewayLink;
  const { accused } = trials;
  trials.accused = undefined;
  if (accused && accused.falls === reachability.falls) {
    condemn(accused.trial, false, turn);
  }
  if (trials.isCareful(turn.now)) {
    ask(turn);
  }
  ownPublishesGoOn(turn);
}

/** PINGRESP: the broker has had all that went out before. */
export function ownPonged(turn: Turn): void {
  const { upstream, trials } = turn.shared.gatewayLink;
  if (upstream.pings === 0) {
    return;
  }
  upstream.pingAnswered();
  trials.shown = true;
  if (turn.now < upstream.upSince + QUIET) {
    turn.deadlines.set(turn.shared.gatewayLink, 'trial', upstream.upSince + QUIET);
  } else {
    turn.deadlines.clear(turn.shared.gatewayLink, 'trial');
  }
  if (upstream.unproven.count > 0 && trials.out.length > 0) {
    ask(turn);
  }
  ownAnswered(turn);
}

/** The broker has answered something: it stands what went out before. */
export function ownAnswered(turn: Turn): void {
  const { upstream, trials } = turn.shared.gatewayLink;
  if (upstream.unproven.count === 0) {
    trials.stood();
  }
  ownPublishesGoOn(turn);
}

/** The connection has stood for long enough; or no answer came, and it goes on without trials. */
export function trialDue(turn: Turn): void {
  const { trials, upstream } = turn.shared.gatewayLink;
  if (upstream.pings > 0) {
    trials.connectionChanged();
    trials.suspended = true;
  }
  ownPublishesGoOn(turn);
}

/** The connection, which stood, broke. Whether a publish may be the reason: one that was tried, or, where none are tried, any that was out. */
export function ownBroke(lost: UpstreamLost, turn: Turn): boolean {
  const { upstream, trials } = turn.shared.gatewayLink;
  const { out, alone, last } = trials;
  const wasCareful = trials.isCareful(turn.now);
  trials.connectionChanged();
  turn.deadlines.clear(turn.shared.gatewayLink, 'trial');
  const { count } = upstream.unproven;
  const reason = reasonLiesIn(lost);
  if (reason === 'no-packet') {
    return false;
  }
  if (count > 0) {
    trials.begin(turn.now);
  }
  if (reason === 'a-packet' && count === 1 && last) {
    condemn(trialOf(last), true, turn);
  } else if (out.length > 0) {
    const [trial] = out;
    trials.accused = alone && trial && { trial, falls: alone.falls };
    trials.suspect(out, turn.now);
  } else {
    trials.unexplained();
  }
  return out.length > 0 || (count > 0 && !wasCareful);
}

/** It goes out: as it comes where its kind has stood, with a few others where that is not known, alone where it is suspected. Or it waits. */
function admit(publish: OwnPublish, turn: Turn): boolean {
  const { gatewayLink, reachability } = turn.shared;
  const { trials, upstream } = gatewayLink;
  if (!trials.isCareful(turn.now)) {
    send(publish, turn);
    return true;
  }
  const trial = trialOf(publish);
  const isKnown = trials.stands(trial);
  const isAlone = !isKnown && (isOperators(publish) || trials.isSuspect(trial));
  const mustWait = isAlone
    ? upstream.unproven.count > 0 || turn.now < upstream.upSince + QUIET
    : !(isKnown ? trials.out.length === 0 : trials.takesMore);
  if (!trials.shown || trials.alone || mustWait) {
    ask(turn);
    return false;
  }
  if (send(publish, turn)) {
    if (!isKnown) {
      trials.out.push(trial);
      trials.alone = isAlone ? { falls: reachability.falls } : undefined;
    }
    if (!isKnown || turn.now >= trials.askedAt + ASK_EVERY) {
      ask(turn);
    }
  }
  return true;
}

function send(publish: OwnPublish, turn: Turn): boolean {
  const { topic, payload, retain } = publish;
  const { upstream, trials } = turn.shared.gatewayLink;
  const { connection, limits } = upstream;
  const mount = publish.mount ?? upstream.mount;
  const problem = publishProblem({ limits, mount }, publish, qosOf(publish));
  if (problem) {
    dropped(publish, problem.reason, turn);
    return false;
  }
  trials.last = publish;
  const written = upstream.unproven.wrote({ topic, octets: payload.length });
  if (isOperators(publish)) {
    sendOperators(publish, written, turn);
  } else {
    publishTo({ connection, mount }, { packetId: 0, topic, payload, qos: 0, retain, dup: false }, turn);
  }
  return true;
}

function sendOperators(publish: OperatorPublish, written: number, turn: Turn): void {
  const { upstream, operator } = turn.shared.gatewayLink;
  const { topic, payload, qos, retain, mount } = publish;
  operator.goesOut(publish);
  publish.written = written;
  const { packetId } = publish;
  if (qos > 0) {
    upstream.packetSent(packetId);
  }
  const { connection } = upstream;
  publishTo({ connection, mount }, { packetId, topic, payload, qos, retain, dup: false }, turn);
  if (qos === 0) {
    tellOperator(publish, undefined, turn);
  }
}

function qosOf({ qos }: OwnPublish): Qos {
  return qos === -1 ? 0 : qos;
}

/** PINGREQ behind what is out, one at a time. */
function ask(turn: Turn): void {
  const { gatewayLink } = turn.shared;
  const { upstream, trials } = gatewayLink;
  if (upstream.pings === 0 && (upstream.unproven.count > 0 || !trials.shown)) {
    upstream.pingSent();
    trials.askedAt = turn.now;
    turn.emit({ type: 'upstream-ping', connection: upstream.connection });
    turn.deadlines.set(gatewayLink, 'trial', turn.now + TRIAL_LIMIT);
  }
}

function condemn(trial: Trial, proven: boolean, turn: Turn): void {
  if (turn.shared.gatewayLink.trials.felled(trial, proven, turn.now)) {
    const { publish } = trial;
    const { clientId, link, topic, payload } = publish;
    turn.note({ type: 'poison-given-up', clientId, link, message: 'PUBLISH', topic, octets: payload.length });
    if (isOperators(publish)) {
      tellOperator(publish, REASONS.condemned, turn);
    }
  }
}

function trialOf(publish: OwnPublish): Trial {
  const { retain, mount = '', topic } = publish;
  return {
    publish,
    kind: `${retain ? 'retained' : ''} ${mount}${topic}`,
    octets: publishSize(publish, qosOf(publish)),
  };
}
