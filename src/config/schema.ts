/** The schema of all settings, and the step from settings to those of the core. */
import * as z from 'zod';
import type { CoreSettings } from '../core/contract/core-settings.ts';
import { separateCredentials } from './broker-url.ts';
import { checkTogether } from './cross-checks.ts';
import { brokerSection } from './sections/broker-section.ts';
import { clientsSection } from './sections/clients-section.ts';
import { framesSection } from './sections/frames-section.ts';
import { gatewaySection } from './sections/gateway-section.ts';
import { httpSection } from './sections/http-section.ts';
import { loggingSection } from './sections/logging-section.ts';
import { predefinedTopicsSetting } from './sections/predefined-topics-setting.ts';
import { sessionsSection } from './sections/sessions-section.ts';
import { timingSection } from './sections/timing-section.ts';
import { transportList } from './sections/transport-sections.ts';
import { upstreamSection } from './sections/upstream-section.ts';

/** The settings as they are written, all optional. Durations are written with a unit; the result has milliseconds. */
export const settingsSchema = z
  .strictObject({
    gateway: gatewaySection.prefault({}).meta({ description: 'The gateway itself.' }),
    upstream: upstreamSection.prefault({}).meta({ description: 'The broker to which everything is forwarded.' }),
    broker: brokerSection
      .prefault({})
      .meta({ description: 'The embedded broker, used when upstream.url is absent. Good for a first try.' }),
    transports: transportList,
    predefinedTopics: predefinedTopicsSetting,
    timing: timingSection.prefault({}).meta({ description: 'Retransmission and supervision.' }),
    sessions: sessionsSection.prefault({}).meta({ description: 'Sessions and sleeping clients.' }),
    clients: clientsSection.prefault({}).meta({ description: 'What clients may do, and how much of it.' }),
    frames: framesSection.prefault({}).meta({ description: 'How strictly frames are read.' }),
    http: httpSection.prefault({}).meta({ description: 'Status page. Accepted, but not used yet by this version.' }),
    logging: loggingSection.prefault({}).meta({ description: 'Log lines.' }),
  })
  .superRefine(checkTogether, { when: () => true })
  .meta({ title: 'Settings of the MQTT-SN gateway' });

/** What the schema makes of written settings: checked, with defaults, before `completeSettings`. */
export type ParsedSettings = z.output<typeof settingsSchema>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
type ParsedUpstream = ParsedSettings['upstream'];

/** The way to the broker; `url` has no credentials in it any more. */
export type UpstreamSettings = DeepReadonly<Omit<ParsedUpstream, 'clientIdPrefix'> & { clientIdPrefix: string }>;

/** All settings, with defaults; times are milliseconds, paths are absolute. */
export type Settings = DeepReadonly<Omit<ParsedSettings, 'upstream'>> & { readonly upstream: UpstreamSettings };

/** One entry of `transports`. */
export type TransportSettings = Settings['transports'][number];
export type UdpTransportSettings = Extract<TransportSettings, { readonly type: 'udp' }>;
export type SerialTransportSettings = Extract<TransportSettings, { readonly type: 'serial' }>;
export type XBeeTransportSettings = Extract<TransportSettings, { readonly type: 'xbee' }>;

/** Fills in what depends on other settings: credentials out of the URL, client ids at the broker. */
export function completeSettings(parsed: ParsedSettings): Settings {
  const { upstream } = parsed;
  const fromUrl = upstream.url === undefined ? {} : separateCredentials(upstream.url);
  return {
    ...parsed,
    upstream: {
      ...upstream,
      ...fromUrl,
      ...(upstream.username === undefined ? {} : { username: upstream.username }),
      ...(upstream.password === undefined ? {} : { password: upstream.password }),
      clientIdPrefix: upstream.clientIdPrefix ?? '',
    },
  };
}

/** The settings of the core: of each section, what it knows. */
export function toCoreSettings(settings: Settings): CoreSettings {
  const { gateway, timing, clients, frames } = settings;
  const { topicPrefix = '', grace, reconnectMin, reconnectMax, maxConnecting, offlineQueue } = settings.upstream;
  const { path, ...sessions } = settings.sessions;
  return {
    gateway,
    upstream: { topicPrefix, grace, reconnectMin, reconnectMax, maxConnecting, offlineQueue },
    timing,
    sessions,
    clients: {
      ...clients,
      qosMinus1From: clients.qosMinus1From ?? [],
      qosMinus1Topics: clients.qosMinus1Topics ?? [],
    },
    frames,
  };
}
