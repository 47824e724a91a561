import type { CredentialRules } from '../config/credentials-file.ts';
import type { PredefinedTopics } from '../config/predefined-topics-file.ts';
import type { PskKeys } from '../config/psk-file.ts';
import { type Settings, toCoreSettings } from '../config/schema.ts';
import { settingChanges } from '../config/setting-changes.ts';
import type { TransportRules } from '../core/contract/settings-changed.ts';
import type { Logins, TransparentUpstream } from '../upstream/transparent-upstream.ts';
import type { Driver } from './driver.ts';
import type { AddressedTransport } from './make-transports.ts';
import { credentialsOf, ownLogin } from './own-login.ts';

/** What of a gateway hears of other settings. */
export interface Changeable {
  readonly driver: Driver;
  readonly upstream: TransparentUpstream;
  readonly logins: Logins;
  /** In the order of the settings. */
  readonly transports: readonly AddressedTransport[];
}

/** What stands in files of its own, beside the settings. */
export interface OtherFiles {
  readonly predefinedTopics: PredefinedTopics;
  /** By the absolute path of their file. */
  readonly pskKeys: ReadonlyMap<string, PskKeys>;
  readonly credentials: CredentialRules | undefined;
}

/** The settings that count at once take the place of those with which the gateway runs (I-112). Returns what it runs with from now on. */
export function changeSettings(
  { driver, upstream, logins, transports }: Changeable,
  running: Settings,
  changed: Settings,
  { predefinedTopics, pskKeys, credentials }: OtherFiles,
): Settings {
  const others = { predefinedTopics, pskKeys, credentials, origins: new Map(), contents: new Map() };
  const { settings } = settingChanges({ settings: running, ...others }, { settings: changed, ...others });
  for (const { changeKeys } of transports) {
    changeKeys?.(pskKeys);
  }
  upstream.backlogLimits = settings.upstream;
  logins.change(ownLogin(settings), credentialsOf(credentials));
  driver.feed({
    type: 'settings-changed',
    settings: toCoreSettings(settings),
    predefinedTopics,
    transports: new Map(transports.map(({ transport }, index) => [transport.name, rulesOf(settings, index)])),
  });
  return settings;
}

function rulesOf({ transports }: Settings, index: number): TransportRules {
  const { forwarders, retryInterval, type } = transports[index] ?? {};
  // The addresses of radio modules are told in lower case.
  const listed = type === 'xbee' ? forwarders?.map((address) => address.toLowerCase()) : forwarders;
  return { ...(listed && { forwarders: listed }), ...(retryInterval !== undefined && { retryInterval }) };
}
