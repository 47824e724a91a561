import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Settings } from '../config/schema.ts';
import { GATEWAY_KEY } from '../core/contract/stored-records.ts';
import type { RestoredRecord, Store } from '../ports/store.ts';

/** Where a Linux machine says which one it is. */
const MACHINE_ID = '/etc/machine-id';

export interface GatewayClientIdOptions {
  readonly settings: Settings;
  /** Open. */
  readonly store: Store;
  /** What is in it. */
  readonly records: readonly RestoredRecord[];
  /** Is told, for the log, where the id cannot be kept. */
  readonly report: (problem: string) => void;
}

/**
 * Client id of the gateway's own connection to the broker (I-45): that of the settings, else one that no other gateway has, of 21 octets at
 * most. It is made once and kept in the store, so that the broker and its rules know it again; without a store it follows from the machine
 * and the UDP ports.
 */
export async function gatewayClientId({ settings, store, records, report }: GatewayClientIdOptions): Promise<string> {
  const { upstream, gateway, sessions, transports } = settings;
  if (upstream.gatewayClientId !== undefined) {
    return upstream.gatewayClientId;
  }
  const prefix = `mqtt-sn-gw-${gateway.id}-`;
  if (sessions.path === 'memory') {
    return prefix + (await placeDigits(transports));
  }
  const known = records.find((record) => record.kind === 'gateway');
  if (known?.clientId.startsWith(prefix)) {
    return known.clientId;
  }
  const clientId = prefix + randomDigits();
  try {
    await store.write([{ key: GATEWAY_KEY, record: { kind: 'gateway', clientId } }], true);
  } catch (error) {
    report(error instanceof Error ? error.message : String(error)); // the next start makes another one
  }
  return clientId;
}

function randomDigits(): string {
  return randomBytes(3).toString('hex');
}

/** The same after each start on this machine, other ones for another gateway on it; by chance where the system chooses the port. */
async function placeDigits(transports: Settings['transports']): Promise<string> {
  const ports = transports.flatMap((transport) =>
    transport.type === 'udp' || transport.type === 'dtls' ? [transport.port] : [],
  );
  if (ports.includes(0)) {
    return randomDigits();
  }
  const machine = await readFile(MACHINE_ID, 'utf8').catch(hostname);
  const place = ports.length > 0 ? ports : transports;
  return createHash('sha256')
    .update(JSON.stringify([machine.trim(), place]))
    .digest('hex')
    .slice(0, 6);
}
