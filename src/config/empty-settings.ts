/**
 * Settings that are written and have nothing behind them. Elsewhere that is as good as absent; where what is absent lets more in than any value would, it
 * is a mistake: a list that was to be filled in, or a variable that was empty when the file was made.
 */
import type { Complaint } from './issue-problem.ts';
import { ANY_INDEX, type SettingPath } from './setting-list.ts';

/** What to write instead, by setting; completes "has nothing behind it: …". */
const INSTEAD: Readonly<Record<string, string>> = {
  access: 'write access: {} to deny everything, or leave the line out to allow everything',
  'clients.addressBinding': 'write any, sameHost or fixed, or leave the line out for any address',
  'clients.qosMinus1': 'write true or false, or leave the line out for true',
  'clients.qosMinus1From': 'write addresses, or leave the line out to accept QoS −1 from any',
  'clients.qosMinus1Topics': 'write filters, or leave the line out to accept QoS −1 for any topic',
  'http.allowedHosts': 'write names, or leave the line out for those of this machine',
  'http.token': 'write a token, or leave the line out',
  'http.tokenFile': 'write a file, or leave the line out',
  'http.users': 'write users, or leave the line out to ask nobody who he is',
  'transports.*.forwarders': 'write addresses, [] for none, or leave the line out for any',
  'transports.*.suites': 'write cipher suites, or leave the line out for all of them',
  'upstream.ca': 'write a file, or leave the line out to trust the authorities that Node.js trusts',
  'upstream.clientIdPrefix': 'write a prefix, or leave the line out for none',
  'upstream.credentials': 'write a file, or leave the line out, and every client is what the gateway is',
  'upstream.psk': 'write identity and key, or leave the line out to have certificates prove who the broker is',
  'upstream.topicPrefix': 'write a prefix, or leave the line out for topics as clients name them',
};

/** The same of what stands in `access`, by its key. */
const IN_ACCESS: Readonly<Record<string, string>> = {
  clientId: 'write client ids, or leave the line out, and the rule fits every client id',
  connect: 'write true or false, or leave the line out for false',
  deny: 'write filters, or leave the line out to deny none',
  forwarder: 'write addresses, any or none, or leave the line out, and the rule fits with and without a forwarder',
  host: 'write addresses or networks, or leave the line out, and the rule fits every address',
  identified: 'write true or false, or leave the line out, and the rule fits with and without an identity',
  identity: 'write identities, or leave the line out, and the rule fits every client',
  maxPayload: 'write a number of octets, or leave the line out for any',
  maxQos: 'write 0, 1 or 2, or leave the line out for 2',
  rate: 'write messages or octets in it, or leave the line out for any number',
  sessions: 'write a number, or leave the line out for any',
  transport: 'write names of transports, or leave the line out, and the rule fits on each',
};

/** What is to be said of an empty setting at a path; undefined: it is as good as absent. */
export function emptyProblem(path: SettingPath): string | undefined {
  const name = path.map((segment) => (typeof segment === 'number' ? ANY_INDEX : segment)).join('.');
  const key = path.at(-1);
  const instead =
    INSTEAD[name] ??
    (path[0] === 'access' ? (IN_ACCESS[String(key)] ?? 'write a value, or leave the line out') : undefined);
  return instead && `has nothing behind it: ${instead}`;
}

/** The complaints about those of a source; what another source has set meanwhile is not among them. */
export function emptyComplaints(tree: {
  readonly emptyPaths: readonly SettingPath[];
  valueAt(path: SettingPath): unknown;
}): Complaint[] {
  return tree.emptyPaths.flatMap((path) => {
    const message = tree.valueAt(path) === undefined ? emptyProblem(path) : undefined;
    return message === undefined ? [] : [{ path, others: [], part: 'key' as const, message }];
  });
}
