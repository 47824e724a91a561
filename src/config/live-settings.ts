/**
 * Which settings count at once when files with other values are read again, and which need a restart (I-112): each is in exactly one of the two.
 * A name stands for all settings below it.
 */
import { pathText, type Setting } from './setting-list.ts';

/** They count from then on, and nobody is dropped for it. */
export const LIVE_SETTINGS: readonly string[] = [
  'gateway.advertiseInterval',
  'gateway.answerWithoutUpstream',
  'upstream.grace',
  'upstream.reconnectMin',
  'upstream.reconnectMax',
  'upstream.maxConnecting',
  'upstream.maxBacklog',
  'upstream.maxBacklogInAll',
  'upstream.offlineQueue',
  'upstream.password', // at the next connection, beside the same URL and user name: see setting-changes.ts
  'upstream.credentials', // at the next connection of each client
  'transports[].retryInterval',
  'transports[].forwarders',
  'predefinedTopics',
  'timing',
  'sessions.limit',
  'sessions.maxHalfOpen',
  'sessions.expiry',
  'sessions.cleanConnectWhileAsleep',
  'sessions.sleepBufferMessages',
  'sessions.sleepBufferOctets',
  'sessions.sleepBufferOctetsInAll',
  'sessions.maxAwakeTime',
  'sessions.maxAwakeMessages',
  'sessions.queue',
  'clients',
  'access',
  'frames',
  'http.users', // but for the last credentials that there are: see setting-changes.ts
  'http.token',
  'http.tokenFile',
  'http.allowedHosts',
  'logging.level',
  'logging.payloads',
  'watch',
];

/** They decide how the gateway is built, who it is at the broker, or what it has said in CONNECT. */
export const RESTART_SETTINGS: readonly string[] = [
  'gateway.id',
  'upstream.url',
  'upstream.mode',
  'upstream.ownConnection',
  'upstream.username',
  'upstream.passwordFile', // the path: what is in the file counts at the next connection, as the password itself does
  'upstream.psk', // but for its key, and what is in its keyFile, see setting-changes.ts
  'upstream.clientIdPrefix',
  'upstream.topicPrefix',
  'upstream.gatewayClientId',
  'upstream.ca', // the path: the files are looked at for each connection
  'upstream.cert',
  'upstream.key',
  'upstream.alpn',
  'upstream.rejectUnauthorized',
  'upstream.protocolVersion',
  'upstream.keepAlive',
  'upstream.connectTimeout',
  'upstream.willDelay',
  'upstream.receiveMaximum',
  'upstream.sessionExpiry',
  'broker',
  'transports[].type',
  'transports[].name',
  'transports[].host',
  'transports[].port',
  'transports[].maxFrame',
  'transports[].multicast',
  'transports[].keys', // the path: what is in the file counts at once
  'transports[].suites',
  'transports[].idle',
  'transports[].maxAssociations',
  'transports[].maxHandshakes',
  'transports[].path',
  'transports[].baudRate',
  'transports[].dataBits',
  'transports[].parity',
  'transports[].stopBits',
  'transports[].rtscts',
  'transports[].framing',
  'transports[].crc',
  'transports[].interFrameGap',
  'transports[].advertise',
  'transports[].apiMode',
  'transports[].statusTimeout',
  'transports[].module',
  'transports[].options',
  'sessions.path',
  'http.enabled',
  'http.host',
  'http.port',
  'http.insecure',
  'http.cert',
  'http.key',
  'status',
  'homeAssistant',
  'capture',
  'logging.format',
];

/** Whether a setting counts at once. */
export function isLive({ path }: Pick<Setting, 'path'>): boolean {
  return isLiveName(pathText(path));
}

/** The same of a setting, or of a list, by its name. */
export function isLiveName(setting: string): boolean {
  return LIVE_SETTINGS.some((name) => isOrHas(name, setting));
}

/** Whether a name of the tables is that of a setting, or of what it is in. */
export function isOrHas(name: string, setting: string): boolean {
  return setting === name || setting.startsWith(`${name}.`) || setting.startsWith(`${name}[`);
}
