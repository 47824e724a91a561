/** What an operator can do about a connection to the broker that could not be made. */
import { CERTIFICATE } from './failure-reason.ts';
import type { BrokerAddress } from './upstream-settings.ts';

/** What is known of an attempt that came to nothing. */
export interface FailedAttempt {
  readonly protocol: BrokerAddress['protocol'];
  readonly protocolVersion: 4 | 5;
  /** The setting `ca` is used. */
  readonly ownCa: boolean;
  /** The connection is to be secured by a pre-shared key. */
  readonly withPsk: boolean;
  /** Where certificate or key of a client's own come from, in words; undefined: from the settings. */
  readonly login: string | undefined;
  /** Of the operating system, OpenSSL or Node.js; empty where there is none. */
  readonly code: string;
  /** What happened, as the log says it. */
  readonly reason: string;
  /** The first octets that the other side sent; empty: nothing came. */
  readonly answer: Uint8Array;
}

interface Hint {
  readonly when: (attempt: FailedAttempt) => boolean;
  readonly says: string | ((attempt: FailedAttempt) => string);
}

const codes =
  (...all: readonly string[]) =>
  ({ code }: FailedAttempt): boolean =>
    all.includes(code);

/** A TLS alert of the broker, by the words of OpenSSL: `TLS: tlsv13 alert certificate required`. */
const alert =
  (names: RegExp) =>
  ({ code, reason }: FailedAttempt): boolean =>
    code !== '' && /\balert\b/.test(reason) && names.test(reason);

/** The same of a connection that a pre-shared key secures. */
const secret =
  (names: RegExp) =>
  (attempt: FailedAttempt): boolean =>
    attempt.withPsk && alert(names)(attempt);

const secured = ({ protocol }: FailedAttempt): boolean => protocol === 'mqtts' || protocol === 'wss';
const overWeb = ({ protocol }: FailedAttempt): boolean => protocol === 'ws' || protocol === 'wss';
const response =
  (statuses: RegExp) =>
  ({ reason }: FailedAttempt): boolean =>
    new RegExp(`Unexpected server response: (?:${statuses.source})`).test(reason);
/** The other side hung up, or said nothing at all. */
const silent = ({ code, reason }: FailedAttempt): boolean =>
  code === 'ECONNRESET' || code === 'EPIPE' || /^closed by the broker|^no CONNACK|socket hang up/.test(reason);

/** An alert record of TLS, whatever its version. */
const isTlsAlert = ({ answer: [type, major] }: FailedAttempt): boolean => type === 0x15 && major === 0x03;
const isHttp = ({ answer }: FailedAttempt): boolean =>
  Buffer.from(answer.subarray(0, 5)).toString('latin1') === 'HTTP/';

/** The first that fits counts. */
const HINTS: readonly Hint[] = [
  { when: codes('ENOTFOUND'), says: 'this name is not known: check the host in upstream.url, and the name server' },
  { when: codes('EAI_AGAIN'), says: 'the name server does not answer: is the network up?' },
  {
    when: codes('ECONNREFUSED'),
    says: 'nothing listens there: is the broker running, and is the port in upstream.url right?',
  },
  {
    when: codes('EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'),
    says: 'there is no way to that address: check the network',
  },
  {
    when: ({ code, reason }) => code === 'ETIMEDOUT' || reason.startsWith('no connection within'),
    says: 'nobody answers at that address: check upstream.url, and firewalls on the way',
  },
  {
    when: codes('CERT_HAS_EXPIRED'),
    says: 'the broker needs a new certificate, or the clock of this machine is wrong',
  },
  { when: codes('CERT_NOT_YET_VALID'), says: 'is the clock of this machine right?' },
  {
    when: codes('ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'),
    says: 'upstream.url has to name the broker as its certificate does',
  },
  {
    when: ({ code, ownCa }) => CERTIFICATE.test(code) && ownCa,
    says: 'upstream.ca is not the authority that has signed it',
  },
  {
    when: ({ code }) => CERTIFICATE.test(code),
    says: 'set upstream.ca to the certificate of the authority that has signed it',
  },
  {
    when: secret(/unknown psk identity/),
    says: ({ login }) => `the broker does not know the identity in ${login ?? 'upstream.psk'}`,
  },
  {
    when: secret(/bad record mac|decrypt/),
    says: ({ login }) => `the key in ${login ?? 'upstream.psk'} is not the one that the broker has for this identity`,
  },
  {
    when: secret(/handshake failure|protocol version/),
    says: ({ login }) =>
      `does the broker take pre-shared keys on this port (${login ?? 'upstream.psk'}), with TLS 1.2?`,
  },
  {
    when: alert(/certificate required/),
    says: 'the broker wants a client certificate: set upstream.cert and upstream.key',
  },
  {
    when: alert(/certificate|unknown ca/),
    says: ({ login }) => `the broker does not accept the client certificate in ${login ?? 'upstream.cert'}`,
  },
  { when: alert(/no application protocol/), says: 'the broker wants another protocol: check upstream.alpn' },
  {
    when: alert(/handshake failure|protocol version/),
    says: 'there is no version of TLS that both know, or the broker wants a client certificate (upstream.cert)',
  },
  { when: isTlsAlert, says: 'the broker speaks TLS on this port: use mqtts:// (or wss://) in upstream.url' },
  {
    when: isHttp,
    says: 'a web server answers there: use ws:// (or wss://) in upstream.url, or the port for MQTT',
  },
  {
    when: (attempt) =>
      secured(attempt) && /^TLS: (?:wrong version number|packet length too long|http request)/.test(attempt.reason),
    says: 'the broker does not speak TLS on this port: use mqtt:// (or ws://) in upstream.url, or the port for TLS',
  },
  {
    when: (attempt) => secured(attempt) && silent(attempt),
    says: 'does the broker speak TLS on this port? Without it the URL begins with mqtt:// (or ws://)',
  },
  {
    when: (attempt) => overWeb(attempt) && response(/40[13]/)(attempt),
    says: 'the web server wants other credentials: check upstream.username and upstream.password',
  },
  {
    when: (attempt) => overWeb(attempt) && response(/\d+/)(attempt),
    says: 'is the path in upstream.url right? It is often /mqtt',
  },
  {
    when: (attempt) => overWeb(attempt) && (silent(attempt) || attempt.code.startsWith('HPE_')),
    says: 'does the broker speak WebSockets on this port? Without them the URL begins with mqtt:// (or mqtts://)',
  },
  {
    when: (attempt) => silent(attempt) && attempt.protocolVersion === 5,
    says: 'is it an MQTT broker, one for MQTT 5 (upstream.protocolVersion), and without TLS on this port (mqtts://)?',
  },
  { when: silent, says: 'is it an MQTT broker, and without TLS on this port (mqtts://)?' },
];

/** One sentence; undefined where there is nothing to say. */
export function failureHint(attempt: FailedAttempt): string | undefined {
  const says = HINTS.find(({ when }) => when(attempt))?.says;
  return typeof says === 'function' ? says(attempt) : says;
}
