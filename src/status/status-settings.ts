import type { Millis } from '../ports/clock.ts';

/** What the gateway says of itself at the broker, and how. */
export interface StatusSettings {
  /** Of all its topics, without a `/` at the end. */
  readonly topicPrefix: string;
  /** Whether requests are heard. */
  readonly requests: boolean;
  /** Of Home Assistant's discovery topics; undefined: it is told nothing. */
  readonly discoveryPrefix: string | undefined;
  /** Client id of the gateway's own connection to the broker. */
  readonly clientId: string;
  /** The first pause before the connection is made again, and the longest. */
  readonly reconnectMin: Millis;
  readonly reconnectMax: Millis;
}
