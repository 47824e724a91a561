/** What the broker routes to the shared session. */

/** A message of the broker for the shared session: filters that match, and those for which it keeps a copy. */
export interface Routed {
  readonly name: string;
  readonly topic: string;
  readonly qos: number;
  readonly matching: readonly string[];
  readonly kept: readonly string[];
}

/** A retained message that comes for a new subscription. */
export interface RoutedRetained {
  readonly name: string;
  readonly topic: string;
  readonly qos: number;
  readonly filter: string;
}
