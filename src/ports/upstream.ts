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

/** What a client is at the broker, where a rule says so. What is absent is as for the gateway itself. */
export interface ClientCredentials {
  /** The rule, for people. */
  readonly rule: string;
  /** User name and password of the gateway are not this client's: it has those that are here, or none. */
  readonly hasLogin: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Paths of PEM files. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
  readonly psk: PreSharedKey | undefined;
  /** Put before its client id. */
  readonly clientIdPrefix: string | undefined;
}

/** Secures a connection (TLS 1.2) in place of certificates. */
export interface PreSharedKey {
  readonly identity: string;
  readonly key: Uint8Array;
}

/** The credentials of a client; a refusal, for people, where it is not to be let in; undefined: those of the gateway are its own. */
export type CredentialsOf = (
  clientId: string,
  identity: string | undefined,
) => ClientCredentials | { readonly refusal: string } | undefined;

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
