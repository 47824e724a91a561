/** What the access rules of some settings say of a client that is not there. */
import { anyAddress } from '../config/forwarder-address.ts';
import { type Settings, toCoreSettings } from '../config/schema.ts';
import { transportNames, unknownTransport } from '../config/transport-names.ts';
import {
  type AccessAction,
  type AccessAnswer,
  actionProblem,
  askAccess,
  qosMinusOneRefusal,
} from '../core/access-question.ts';

export type { AccessAction, AccessAnswer } from '../core/access-question.ts';

/** Whom it is asked of; what is left out is not known of it. */
export interface TestedClient {
  readonly clientId: string | undefined;
  readonly identity: string | undefined;
  /** Its address, with a port or without. */
  readonly host: string;
  /** Absent: DTLS for one with an identity, else the first one without. */
  readonly transport: string | undefined;
  /** It is behind a forwarder, which is at that host. */
  readonly isForwarded: boolean;
}

/** The question makes no sense; the message says why. */
export class AccessTestProblem extends Error {
  override readonly name = 'AccessTestProblem';
}

export interface AccessTest {
  /** Undefined: there are no rules, so everybody may do everything. */
  readonly answer: AccessAnswer | undefined;
  /** On which transport it was asked. */
  readonly transport: string;
  /** What the person who asks may not know. */
  readonly remarks: readonly string[];
}

/** Throws `AccessTestProblem`. */
export function testAccess(settings: Settings, client: TestedClient, action: AccessAction): AccessTest {
  const core = toCoreSettings(settings);
  const problem = actionProblem(action, core.clients.names);
  if (problem !== undefined && action.what !== 'connect') {
    throw new AccessTestProblem(`the ${action.what === 'subscribe' ? 'filter' : 'topic'} cannot be: ${problem}`);
  }
  const place = placeOf(client.host);
  const { transport, remarks } = transportOf(settings, client);
  const { clientId, identity, isForwarded } = client;
  const facts = { transport, ...place, identity, clientId, isForwarded };
  const refused = qosMinusOneRefusal(core.clients, place, action);
  const { access } = core;
  const answer =
    refused === undefined
      ? access && askAccess(access, facts, action)
      : { isGranted: false, rule: refused, reason: `QoS −1 is not accepted (${refused})`, limits: [], clientId };
  return { answer, transport, remarks };
}

function placeOf(written: string): { readonly host: string; readonly address: string } {
  const address = anyAddress.read(written);
  if (address === undefined) {
    const meant = anyAddress.meant(written);
    const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
    throw new AccessTestProblem(
      `--host must be an IP address, a 64-bit address of an XBee module, or line: ${JSON.stringify(written)} is none${hint}`,
    );
  }
  const host = /^\[(.*)\]:\d+$/.exec(address)?.[1] ?? /^([^:]+):\d+$/.exec(address)?.[1] ?? address;
  return { host, address };
}

function transportOf(
  { transports }: Settings,
  { identity, transport: asked }: TestedClient,
): Pick<AccessTest, 'transport' | 'remarks'> {
  const names = transportNames(transports);
  const problem = asked === undefined ? undefined : unknownTransport(asked, names);
  if (problem !== undefined) {
    throw new AccessTestProblem(problem);
  }
  const isProving = (name: string): boolean => transports[names.indexOf(name)]?.type === 'dtls';
  const isFit = (name: string): boolean => isProving(name) === (identity !== undefined);
  const transport = asked ?? names.find(isFit) ?? (identity === undefined ? 'udp' : 'dtls');
  if (isFit(transport)) {
    return { transport, remarks: [] };
  }
  const remark =
    identity === undefined
      ? `on the transport ${transport} each client has an identity`
      : `no client has an identity ${names.includes(transport) ? `on the transport ${transport}` : 'without a transport of type dtls'}`;
  return { transport, remarks: [remark] };
}
