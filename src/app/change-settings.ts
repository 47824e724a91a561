import type { PredefinedTopics } from '../config/predefined-topics-file.ts';
import type { PskKeys } from '../config/psk-file.ts';
import { type Settings, toCoreSettings } from '../config/schema.ts';
import { settingChanges } from '../config/setting-changes.ts';
import type { TransportRules } from '../core/contract/settings-changed.ts';
import type { TransparentUpstream } from '../upstream/transparent-upstream.ts';
import type { Driver } from './driver.ts';
import type { AddressedTransport } from './make-transports.ts';

/** What of a gateway hears of other settings. */
export interface Changeable {
  readonly driver: Driver;
  readonly upstream: TransparentUpstream;
  /** In the order of the settings. */
  readonly transports: readonly AddressedTransport[];
}

/** The settings that count at once take the place of those with which the gateway runs (I-112). Returns what it runs with from now on. */
export function changeSettings(
  { driver, upstream, transports }: Changeable,
  running: Settings,
  changed: Settings,
  predefinedTopics: PredefinedTopics,
  pskKeys: ReadonlyMap<string, PskKeys>,
): Settings {
  const others = { predefinedTopics, pskKeys, origins: new Map(), contents: new Map() };
  const { settings } = settingChanges({ settings: running, ...others }, { settings: changed, ...others });
  for (const { changeKeys } of transports) {
    changeKeys?.(pskKeys);
  }
  upstream.backlogLimits = settings.upstream;
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
