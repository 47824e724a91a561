import type { Settings } from '../config/schema.ts';
import { shownSettings } from '../config/shown-settings.ts';
import type { FanOut } from '../observe/fan-out.ts';
import type { GatewayOperator } from '../ports/operator.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { Site } from '../ports/site.ts';
import { StatusService, type StatusServiceParts } from '../status/status-service.ts';
import { type Logins, TransparentUpstream, type UpstreamSettings } from '../upstream/transparent-upstream.ts';
import { statusClientId } from './status-client-id.ts';
import { systemClock } from './system-clock.ts';

export interface StartStatusParts {
  /** Those that count now. */
  readonly settings: () => Settings;
  /** Of the gateway itself. */
  readonly upstream: UpstreamSettings;
  readonly logins: Logins;
  readonly sessions: Sessions;
  readonly site: Site;
  readonly operator: GatewayOperator;
  readonly program: StatusServiceParts['program'];
  /** Is told, and tells. */
  readonly observer: FanOut;
}

/**
 * Begins to say the status of the gateway at the broker, on a connection of its own (I-107), as soon as that of the gateway stands; before the core is
 * started. An `Error` where a certificate or a key cannot be read.
 */
export function startStatus(parts: StartStatusParts): StatusService {
  const { sessions, site, operator, program, observer } = parts;
  const { status, homeAssistant, upstream } = parts.settings();
  const service = new StatusService({
    settings: {
      topicPrefix: status.topicPrefix,
      requests: status.requests,
      discoveryPrefix: homeAssistant.enabled ? homeAssistant.discoveryPrefix : undefined,
      clientId: parts.upstream.gatewayClientId,
      reconnectMin: upstream.reconnectMin,
      reconnectMax: upstream.reconnectMax,
    },
    sessions,
    site,
    operator,
    program,
    shownSettings: () => shownSettings(parts.settings()),
    tell: (note) => observer.note(note),
    clock: systemClock,
    wallClock: Date.now,
    random: Math.random,
  });
  service.upstream = new TransparentUpstream({
    settings: { ...parts.upstream, gatewayClientId: statusClientId(parts.upstream.gatewayClientId) },
    listener: service.hear,
    logins: parts.logins,
  });
  observer.add(service);
  return service;
}
