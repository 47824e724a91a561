/** The books of MQTT 5 Receive Maximum: QoS 1 and 2 publishes that are out on a connection, from PUBLISH to PUBACK or PUBCOMP. */
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { BrokerPlan } from '../plan.ts';
import type { Findings } from './findings.ts';

/** PUBREC with such a code, or a greater one, is the end. */
const REFUSAL = 0x80;

export class Window {
  readonly #findings: Findings;
  readonly #most: number;
  #out = new Map<number, Set<number>>();
  readonly #unlimited = new Set<number>();

  constructor(findings: Findings, { protocol, limits }: BrokerPlan) {
    this.#findings = findings;
    this.#most = (protocol === 5 ? limits.receiveMaximum : undefined) ?? 0xffff;
  }

  /** The numbers of connections begin anew. */
  gatewayStarted(): void {
    this.#out = new Map();
    this.#unlimited.clear();
  }

  emitted(clientId: string, effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect' && effect.protocolVersion === 4) {
      this.#unlimited.add(effect.connection); // the broker has no way to say it
    }
    if (effect.type !== 'upstream-publish' || effect.qos === 0) {
      return;
    }
    const out = this.#out.get(effect.connection) ?? new Set();
    this.#out.set(effect.connection, out.add(effect.packetId));
    if (out.size > this.#most && !this.#unlimited.has(effect.connection)) {
      this.#findings.object(
        'beyond-limits',
        `${clientId}: ${out.size} publishes are under way to a broker that takes ${this.#most} at a time`,
      );
    }
  }

  heard(input: UpstreamInput): void {
    if (input.type === 'upstream-lost') {
      this.#out.delete(input.connection);
    } else if (input.type === 'upstream-acknowledged' && (input.packet !== 'PUBREC' || input.reasonCode >= REFUSAL)) {
      this.#out.get(input.connection)?.delete(input.packetId);
    }
  }
}
