/** The input of a gateway whose settings change while it runs. */

import type { CoreSettings } from './core-settings.ts';
import type { Millis } from './units.ts';

/**
 * The settings are others from now on, and so are the pre-defined topic ids (I-112 to I-114). What decides how the gateway is built is as before:
 * mode, prefixes, ids, versions, what brokers are told in CONNECT. What is above a limit that is lower now stays until it goes by itself.
 */
export interface SettingsChanged {
  readonly type: 'settings-changed';
  readonly settings: CoreSettings;
  /** Client id or `*` to topic id to topic name. */
  readonly predefinedTopics: ReadonlyMap<string, ReadonlyMap<number, string>>;
  /** By the name of the transport; one that is not in here stays as it was opened. */
  readonly transports: ReadonlyMap<string, TransportRules>;
}

/** What an operator may change of a transport that is open, as in `transport-opened`. */
export interface TransportRules {
  readonly forwarders?: readonly string[];
  readonly retryInterval?: Millis;
}
