/**
 * The way to the broker. The core decides everything (packet ids, acknowledgements, retries, reconnects);
 * an upstream adapter carries out single MQTT packets and reports what came back.
 */
import type { UpstreamEffect } from '../core/contract/effect.ts';
import type { UpstreamInput } from '../core/contract/input.ts';
import type { Millis } from '../core/contract/units.ts';

export type {
  UpstreamAcknowledge,
  UpstreamClose,
  UpstreamConnect,
  UpstreamEffect,
  UpstreamPublish,
  UpstreamRelease,
  UpstreamSubscribe,
  UpstreamUnsubscribe,
  Will,
} from '../core/contract/effect.ts';
export type { UpstreamInput } from '../core/contract/input.ts';

/** Where the adapter puts what it hears. Must not be called from inside `perform`. */
export type UpstreamListener = (input: UpstreamInput) => void;

export interface Upstream {
  /**
   * Carries out one effect; never throws and never waits. Effects of one connection reach the broker in the order in which
   * they came. An effect for a connection that is gone is dropped: the core has been, or will be, told by `upstream-lost`.
   * After `upstream-refused`, `upstream-lost` or an `upstream-close` effect nothing more is reported of that connection.
   */
  perform(effect: UpstreamEffect): void;
  /** Resolves when every connection has been closed (MQTT DISCONNECT has been sent where asked for), at most after `timeout`. */
  close(timeout: Millis): Promise<void>;
}
