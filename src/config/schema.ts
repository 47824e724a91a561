/** The schema of all settings, and the step from settings to those of the core. */
import * as z from 'zod';
import type { AccessRule } from '../core/contract/access-settings.ts';
import { type CoreSettings, DEFAULT_CORE_SETTINGS } from '../core/contract/core-settings.ts';
import { coreRule } from './access-rule.ts';
import { separateCredentials } from './broker-url.ts';
import { checkTogether } from './cross-checks.ts';
import { accessSection } from './sections/access-section.ts';
import { brokerSection } from './sections/broker-section.ts';
import { captureSection } from './sections/capture-section.ts';
import { clientsSection } from './sections/clients-section.ts';
import { framesSection } from './sections/frames-section.ts';
import { gatewaySection } from './sections/gateway-section.ts';
import { httpSection } from './sections/http-section.ts';
import { loggingSection } from './sections/logging-section.ts';
import { predefinedTopicsSetting } from './sections/predefined-topics-setting.ts';
import { sessionsSection } from './sections/sessions-section.ts';
import { homeAssistantSection, statusSection } from './sections/status-section.ts';
import { timingSection } from './sections/timing-section.ts';
import { transportList } from './sections/transport-sections.ts';
import { upstreamSection } from './sections/upstream-section.ts';
import { watchSetting } from './sections/watch-setting.ts';

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
    access: accessSection.optional().meta({
      description:
        'Who may be what. Absent: everybody may do everything; `access: {}` alone grants nothing to anybody. `mqtt-sn-gateway access test` says which rule decides.',
    }),
    frames: framesSection.prefault({}).meta({ description: 'How strictly frames are read.' }),
    http: httpSection.prefault({}).meta({ description: 'The status page, and the API behind it.' }),
    status: statusSection.prefault({}).meta({ description: 'What the gateway says of itself at the broker.' }),
    homeAssistant: homeAssistantSection
      .prefault({})
      .meta({ description: 'The gateway and its clients as devices of Home Assistant.' }),
    capture: captureSection.prefault({}).meta({ description: 'Frames in a file, for Wireshark.' }),
    watch: watchSetting,
    logging: loggingSection.prefault({}).meta({ description: 'Log lines.' }),
  })
  .superRefine(checkTogether, { when: () => true })
  .meta({ title: 'Settings of the MQTT-SN gateway' });

/** What the schema makes of written settings: checked, with defaults, before `completeSettings`. */
export type ParsedSettings = z.output<typeof settingsSchema>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
type ParsedAccess = DeepReadonly<NonNullable<ParsedSettings['access']>>;
type ParsedUpstream = ParsedSettings['upstream'];

/**
 * The way to the broker; `url` has no credentials in it any more. `protocolVersion` is undefined only in an aggregating gateway: that of its shared
 * connection depends on the broker, and is 4 on all others.
 */
export type UpstreamSettings = DeepReadonly<Omit<ParsedUpstream, 'clientIdPrefix'> & { clientIdPrefix: string }>;

/** All settings, with defaults; times are milliseconds, paths are absolute. */
export type Settings = DeepReadonly<Omit<ParsedSettings, 'upstream' | 'status' | 'access' | 'http'>> & {
  /** `fileRules`: those of `access.file`. Undefined: everybody may do everything. */
  readonly access?: (ParsedAccess & { readonly fileRules: readonly AccessRule[] }) | undefined;
  readonly upstream: UpstreamSettings;
  readonly http: DeepReadonly<Omit<ParsedSettings['http'], 'users'>> & {
    readonly users: readonly {
      readonly name: string;
      readonly passwordHash: string;
      readonly passwordHashFile?: string | undefined;
    }[];
  };
  readonly status: { readonly enabled: boolean; readonly topicPrefix: string; readonly requests: boolean };
};

/** One entry of `transports`. */
export type TransportSettings = Settings['transports'][number];
export type UdpTransportSettings = Extract<TransportSettings, { readonly type: 'udp' }>;
export type DtlsTransportSettings = Extract<TransportSettings, { readonly type: 'dtls' }>;
export type SerialTransportSettings = Extract<TransportSettings, { readonly type: 'serial' }>;
export type XBeeTransportSettings = Extract<TransportSettings, { readonly type: 'xbee' }>;
export type ModuleTransportSettings = Extract<TransportSettings, { readonly type: 'module' }>;

/** Fills in what depends on other settings: status with Home Assistant, credentials out of the URL, client ids and topics at the broker, the version of MQTT. */
export function completeSettings(parsed: ParsedSettings, fileRules: readonly AccessRule[] = []): Settings {
  const { upstream, gateway, status, homeAssistant, access, http } = parsed;
  const fromUrl = upstream.url === undefined ? {} : separateCredentials(upstream.url);
  return {
    ...parsed,
    access: access && { ...access, fileRules },
    // each user has a hash, for the schema lets nobody without one pass
    http: { ...http, users: http.users.map((user) => ({ ...user, passwordHash: user.passwordHash ?? '' })) },
    upstream: {
      ...upstream,
      ...fromUrl,
      ...(upstream.username === undefined ? {} : { username: upstream.username }),
      ...(upstream.password === undefined ? {} : { password: upstream.password }),
      clientIdPrefix: upstream.clientIdPrefix ?? '',
      protocolVersion: upstream.protocolVersion ?? (upstream.mode === 'transparent' ? 4 : undefined),
    },
    status: {
      ...status,
      enabled: status.enabled || homeAssistant.enabled,
      topicPrefix: status.topicPrefix ?? `mqtt-sn-gateway/${gateway.id}`,
    },
  };
}

/** The settings of the core: of each section, what it knows. */
export function toCoreSettings(settings: Settings): CoreSettings {
  const { gateway, timing, clients, frames, access } = settings;
  const { mode, ownConnection = [], protocolVersion, topicPrefix = '', ...upstream } = settings.upstream;
  const { grace, reconnectMin, reconnectMax, maxConnecting, willDelay, receiveMaximum, offlineQueue } = upstream;
  const { path, queue, ...sessions } = settings.sessions;
  const { octetsInMemory } = DEFAULT_CORE_SETTINGS.sessions.queue;
  const isShared = mode === 'aggregating';
  return {
    gateway,
    upstream: {
      mode,
      ownConnection,
      sharedProtocol: isShared ? protocolVersion : undefined,
      topicPrefix,
      grace,
      reconnectMin,
      reconnectMax,
      maxConnecting,
      willDelay,
      receiveMaximum,
      offlineQueue,
    },
    timing,
    sessions: {
      ...sessions,
      queue: { ...queue, octetsInMemory: path === 'memory' ? Number.POSITIVE_INFINITY : octetsInMemory },
    },
    // a connection of its own says it where status is enabled
    status: { topicPrefix: isShared && !settings.status.enabled ? settings.status.topicPrefix : '' },
    clients: {
      ...clients,
      qosMinus1From: clients.qosMinus1From ?? [],
      qosMinus1Topics: clients.qosMinus1Topics ?? [],
    },
    access: access && {
      rules: [...access.rules.map((rule, at) => coreRule(rule, `access.rules[${at}]`)), ...access.fileRules],
      default: access.default,
      clientIdFromIdentity: access.clientIdFromIdentity,
      clientIdPattern: access.clientIdPattern,
    },
    frames,
  };
}
