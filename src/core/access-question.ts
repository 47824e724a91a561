/** What the access rules say of a client that is not there: for whoever writes them. */

import type { QosFlag } from '../codec/message.ts';
import type { AccessSettings } from './contract/access-settings.ts';
import type { CoreSettings } from './contract/core-settings.ts';
import { type AccessFacts, AccessTable } from './state/access-table.ts';
import type { ClientAccess } from './state/client-access.ts';
import { countingClientId, foreignClientId } from './state/client-id-rule.ts';
import { matchesFilter, type NameRule, SHARED, topicFilterProblem, topicNameProblem } from './topics/topic-name.ts';

/** What a client would do. */
export type AccessAction =
  | { readonly what: 'connect' }
  | {
      readonly what: 'publish';
      readonly topic: string;
      readonly qos: QosFlag;
      readonly retain: boolean;
      readonly octets: number;
    }
  | { readonly what: 'subscribe'; readonly topic: string; readonly qos: QosFlag }
  /** Get a message on a topic. */
  | { readonly what: 'read'; readonly topic: string };

export interface AccessAnswer {
  readonly isGranted: boolean;
  /** What decides, as logs call it: a rule, or a setting. */
  readonly rule: string;
  /** Why not, in words for people; undefined: it is granted. */
  readonly reason: string | undefined;
  /** How it is granted, where that is less than was asked for. */
  readonly limits: readonly string[];
  /** That which counts, see `clientIdFromIdentity`. */
  readonly clientId: string | undefined;
}

/** What is wrong with the topic of an action, which no client could do; undefined: nothing. */
export function actionProblem(action: AccessAction, names: NameRule): string | undefined {
  switch (action.what) {
    case 'connect':
      return undefined;
    case 'subscribe':
      return topicFilterProblem(action.topic, names);
    default:
      return topicNameProblem(action.topic, names);
  }
}

/** Which rule decides, and what it says. Limits of number and rate are not asked. */
export function askAccess(settings: AccessSettings, asked: AccessFacts, action: AccessAction): AccessAnswer {
  const isStranger = asked.clientId === undefined && action.what === 'publish' && action.qos === -1; // I-124
  const clientId = isStranger ? undefined : countingClientId(asked.clientId, asked.identity, settings);
  const facts = { ...asked, clientId };
  const foreign = clientId === undefined ? undefined : foreignClientId(clientId, asked.identity, settings);
  if (foreign !== undefined) {
    return { isGranted: false, rule: 'access.clientIdFromIdentity', reason: foreign, limits: [], clientId };
  }
  const access = new AccessTable(settings).find(facts);
  if (access === undefined) {
    return { isGranted: true, rule: 'access.default', reason: undefined, limits: [], clientId };
  }
  const reason = refusalOf(access, facts, action);
  const isGranted = reason === undefined;
  return { isGranted, rule: access.rule, reason, limits: isGranted ? limitsOf(access, action) : [], clientId };
}

function refusalOf(access: ClientAccess, { clientId }: AccessFacts, action: AccessAction): string | undefined {
  const isMinusOne = action.what === 'publish' && action.qos === -1;
  if (!isMinusOne && clientId === undefined) {
    return access.because('without a client id there is QoS −1 alone');
  }
  if (!isMinusOne && !access.mayConnect) {
    return access.because('connecting is not granted');
  }
  switch (action.what) {
    case 'connect':
      return undefined;
    case 'publish':
      return access.refusalOf(action);
    case 'subscribe':
      return access.maySubscribe(action.topic)
        ? undefined
        : access.because('subscribing to this filter is not granted');
    case 'read':
      return access.mayRead(action.topic) ? undefined : access.because('reading this topic is not granted');
  }
}

function limitsOf(access: ClientAccess, action: AccessAction): string[] {
  if (action.what !== 'subscribe') {
    return [];
  }
  const { topic, qos } = action;
  const isWhole = topic.startsWith(SHARED) || access.maySubscribe(`${SHARED}all/${topic}`);
  return [
    ...(isWhole ? [] : ['it gets only what it may read of what matches']),
    ...(qos > access.grants.maxQos ? [`with QoS ${access.grants.maxQos}`] : []),
  ];
}

/** The settings for QoS −1 that are no access rules: which one refuses a publish. */
export function qosMinusOneRefusal(
  { qosMinus1, qosMinus1From, qosMinus1Topics }: CoreSettings['clients'],
  { host, address }: { readonly host: string; readonly address: string },
  action: AccessAction,
): string | undefined {
  if (action.what !== 'publish' || action.qos !== -1) {
    return undefined;
  }
  if (!qosMinus1) {
    return 'clients.qosMinus1';
  }
  if (qosMinus1From.length > 0 && !qosMinus1From.includes(host) && !qosMinus1From.includes(address)) {
    return 'clients.qosMinus1From';
  }
  const isTopic = qosMinus1Topics.length === 0 || qosMinus1Topics.some((filter) => matchesFilter(filter, action.topic));
  return isTopic ? undefined : 'clients.qosMinus1Topics';
}
