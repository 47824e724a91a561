/** From the broker's answers to return codes of MQTT-SN (3.6). */

import { RETURN_CODE, type ReturnCode } from '../../codec/message.ts';
import type { UpstreamRefused } from '../contract/input.ts';

const { accepted, congestion, notSupported } = RETURN_CODE;

/** MQTT 5: packet too large, which the client hears as not supported. */
export const PACKET_TOO_LARGE = 0x95;
/** MQTT 5: quota exceeded, which the client hears as congestion. */
export const QUOTA_EXCEEDED = 0x97;

/** What the hub answers in place of a broker that cannot be reached, once the grace time is over (3.5 item 7). */
export const AWAY = { reasonCode: QUOTA_EXCEEDED, unreachable: true } as const;

/** Refused CONNACK of MQTT 3.1.1 (return code 1–5). */
const CONNACK_3_1_1: ReadonlyMap<number, ReturnCode> = new Map([
  [1, notSupported],
  [2, notSupported],
  [3, congestion],
  [4, notSupported],
  [5, notSupported],
]);

/** MQTT 5 reason codes of CONNACK that will not go away by waiting: protocol, identity, authorisation, the will. */
const CONNACK_5_FINAL = new Set([0x81, 0x82, 0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x90, 0x95, 0x99, 0x9a, 0x9b]);

/** CONNACK towards the client for a broker's refusal. */
export function connectReturnCode(protocolVersion: 4 | 5, reasonCode: number): ReturnCode {
  if (protocolVersion === 4) {
    return CONNACK_3_1_1.get(reasonCode) ?? congestion;
  }
  return CONNACK_5_FINAL.has(reasonCode) ? notSupported : congestion;
}

const REFUSAL: ReadonlyMap<number, string> = new Map([
  [1, 'unacceptable protocol version'],
  [2, 'identifier rejected'],
  [3, 'server unavailable'],
  [4, 'bad user name or password'],
  [5, 'not authorized'],
  [0x84, 'unsupported protocol version'],
  [0x85, 'client identifier not valid'],
  [0x86, 'bad user name or password'],
  [0x87, 'not authorized'],
  [0x88, 'server unavailable'],
  [0x89, 'server busy'],
  [0x8a, 'banned'],
  [QUOTA_EXCEEDED, 'quota exceeded'],
]);

/** What an operator can do about it. */
const REMEDY: ReadonlyMap<number, string> = new Map([
  [1, 'set upstream.protocolVersion to the version of the broker'],
  [4, 'check upstream.username and upstream.password'],
  [5, 'check upstream.username and upstream.password, and what the broker permits'],
  [0x84, 'set upstream.protocolVersion to the version of the broker'],
  [0x86, 'check upstream.username and upstream.password'],
  [0x87, 'check upstream.username and upstream.password, and what the broker permits'],
]);

/** Where a client has credentials of its own, what to check is not this. */
const OWN_LOGIN = 'upstream.username and upstream.password';

/** Why a connection was refused, in words, with what to do about it. */
export function refusalOf({
  reasonCode,
  rule,
  reason,
}: Pick<UpstreamRefused, 'reasonCode' | 'rule' | 'reason'>): string {
  return reason ?? refusalReason(reasonCode, rule);
}

/** The broker's refusal in words, with what to do about it. `rule`: of `upstream.credentials`, by which it was made. */
export function refusalReason(reasonCode: number, rule?: string): string {
  const code = `0x${reasonCode.toString(16).padStart(2, '0')}`;
  const usual = REMEDY.get(reasonCode);
  const remedy = rule === undefined ? usual : usual?.replace(OWN_LOGIN, `rule "${rule}" of upstream.credentials`);
  return `the broker refused: ${REFUSAL.get(reasonCode) ?? 'reason'} (${code})${remedy === undefined ? '' : `: ${remedy}`}`;
}

/** SUBACK towards the client: 0x00–0x02 is a granted QoS, 0x97 (quota exceeded) may pass, all else is final. */
export function subscribeReturnCode(reasonCode: number): ReturnCode {
  if (reasonCode <= 2) {
    return accepted;
  }
  return reasonCode === QUOTA_EXCEEDED ? congestion : notSupported;
}

/** PUBACK towards the client for PUBACK or PUBREC of the broker: success and "no matching subscribers" are accepted. */
export function publishReturnCode(reasonCode: number): ReturnCode {
  if (reasonCode < 0x80) {
    return accepted;
  }
  return reasonCode === QUOTA_EXCEEDED || reasonCode === 0x80 || reasonCode === 0x83 || reasonCode === 0x91
    ? congestion
    : notSupported;
}

/** MQTT 5: payload format invalid. So the hub answers a publish on which the broker closes the connection (I-42); the client hears it as not supported. */
export const PAYLOAD_FORMAT_INVALID = 0x99;

/** MQTT 5 "packet identifier in use": tried again with another one, the client sees nothing of it (3.6). */
export const PACKET_ID_IN_USE = 0x91;

/** Packet ids that are tried for one request. */
export const PACKET_ID_TRIES = 5;

/** MQTT 5 reason code for a message that the client refused for good (3.6). */
export const IMPLEMENTATION_SPECIFIC_ERROR = 0x83;
