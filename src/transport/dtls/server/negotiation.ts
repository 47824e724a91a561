import { GROUPS, type GroupId } from '../crypto/key-agreement.ts';
import { type Suite, suiteOf } from '../crypto/suites.ts';
import { HANDSHAKE_FAILURE, PROTOCOL_VERSION } from '../handshake/alerts.ts';
import {
  type ClientHello,
  CONNECTION_ID,
  EC_POINT_FORMATS,
  EMPTY_RENEGOTIATION_INFO_SCSV,
  EXTENDED_MASTER_SECRET,
  type Extensions,
  numbersOf,
  RENEGOTIATION_INFO,
  SUPPORTED_GROUPS,
  speaksDtls12,
} from '../handshake/hellos.ts';
import { OctetReader } from '../octet-reader.ts';
import { vector } from '../wire-octets.ts';

/** What a client and this server agree on. */
export interface Agreement {
  readonly suite: Suite;
  /** Of the ephemeral keys; undefined where the suite has none. */
  readonly group: GroupId | undefined;
  readonly extendedMasterSecret: boolean;
  /** What the client wants to have in the records that it gets; undefined: it did not offer connection ids. */
  readonly clientCid: Uint8Array | undefined;
  /** Of the ServerHello. */
  readonly extensions: Extensions;
}

/** Why there is nothing to agree on: `alert` is what the client is told. */
export interface Disagreement {
  readonly alert: number;
  readonly reason: 'version' | 'no-common-suite' | 'renegotiation';
}

const NOTHING = new Uint8Array(0);

/**
 * The first suite of the client's list that `allowed` has and that can be used counts: it knows its battery. `serverCid`: what this server would have in
 * the records that it gets. Throws `MalformedError` where an extension is none.
 */
export function negotiate(
  hello: ClientHello,
  allowed: ReadonlySet<string>,
  serverCid: Uint8Array,
): Agreement | Disagreement {
  const { extensions: offered } = hello;
  if (!speaksDtls12(hello.version)) {
    return { alert: PROTOCOL_VERSION, reason: 'version' };
  }
  const renegotiation = offered.get(RENEGOTIATION_INFO);
  // RFC 5746 3.6: in the first handshake there is nothing in it.
  if (renegotiation !== undefined && (renegotiation.length !== 1 || renegotiation[0] !== 0)) {
    return { alert: HANDSHAKE_FAILURE, reason: 'renegotiation' };
  }
  const group = groupFor(offered);
  const suite = hello.suites
    .map(suiteOf)
    .find((each) => each && allowed.has(each.name) && (each.keyExchange === 'psk' || group !== undefined));
  if (suite === undefined || !hello.compressionMethods.includes(0)) {
    return { alert: HANDSHAKE_FAILURE, reason: 'no-common-suite' };
  }
  const cidExtension = offered.get(CONNECTION_ID);
  const clientCid = cidExtension && connectionIdOf(cidExtension);
  const isEphemeral = suite.keyExchange === 'ecdhe-psk';
  const extensions = new Map<number, Uint8Array>();
  if (renegotiation !== undefined || hello.suites.includes(EMPTY_RENEGOTIATION_INFO_SCSV)) {
    extensions.set(RENEGOTIATION_INFO, Uint8Array.of(0)); // RFC 5746 3.6
  }
  const extendedMasterSecret = offered.has(EXTENDED_MASTER_SECRET);
  if (extendedMasterSecret) {
    extensions.set(EXTENDED_MASTER_SECRET, NOTHING); // RFC 7627 5.2
  }
  if (isEphemeral && offered.has(EC_POINT_FORMATS)) {
    extensions.set(EC_POINT_FORMATS, Uint8Array.of(1, 0)); // RFC 8422 5.2: uncompressed
  }
  if (clientCid !== undefined) {
    extensions.set(CONNECTION_ID, vector(serverCid, 1)); // RFC 9146 3
  }
  return { suite, group: isEphemeral ? group : undefined, extendedMasterSecret, clientCid, extensions };
}

/** The client's first group that is spoken; RFC 8422 5.1.1: without the extension any. */
function groupFor(offered: Extensions): GroupId | undefined {
  const extension = offered.get(SUPPORTED_GROUPS);
  if (extension === undefined) {
    return GROUPS[0];
  }
  const reader = new OctetReader(extension);
  const groups = numbersOf(reader.vector(2));
  reader.end();
  return groups.map((number) => GROUPS.find((group) => group === number)).find((group) => group !== undefined);
}

function connectionIdOf(extension: Uint8Array): Uint8Array {
  const reader = new OctetReader(extension);
  const cid = reader.vector(1);
  reader.end();
  return cid;
}
