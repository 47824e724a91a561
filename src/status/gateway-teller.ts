import type { Millis } from '../ports/clock.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { Site } from '../ports/site.ts';
import { infoReport, Stats } from './gateway-reports.ts';
import type { HomeAssistant } from './home-assistant.ts';
import type { StatusMessage } from './link-user.ts';
import type { StatusTopics } from './status-topics.ts';

/** What there is to tell of the gateway itself: `former-device`, that it is not at a former place any more. */
export type GatewayKey = 'state' | 'info' | 'stats' | 'device' | 'former-device';

const NOTHING = new Uint8Array(0);

export interface GatewayTellerParts {
  readonly topics: StatusTopics;
  readonly site: Pick<Site, 'version' | 'gwId' | 'startedAt' | 'broker' | 'transports' | 'counts' | 'queues' | 'drops'>;
  /** Of the gateway's own connection. */
  readonly clientId: string;
  readonly discoveryPrefix: string | undefined;
  /** Undefined: it is told nothing. */
  readonly homeAssistant: HomeAssistant | undefined;
  /** All settings in effect, without secrets. */
  readonly shownSettings: () => unknown;
  /** Settings that have changed in their files and need a restart. */
  readonly restartNeededFor: () => readonly string[];
  readonly sessions: Pick<Sessions, 'census'>;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** Says of the gateway itself what there is to say. */
export class GatewayTeller {
  readonly #parts: GatewayTellerParts;
  readonly #stats: Stats;
  #former: HomeAssistant | undefined;

  constructor(parts: GatewayTellerParts, now: Millis) {
    this.#parts = parts;
    this.#stats = new Stats(parts.site, now);
  }

  /** The gateway was announced by this before: that is taken back. */
  moveFrom(former: HomeAssistant): void {
    this.#former = former;
  }

  /** What is to be told where nothing is known yet. */
  get keys(): readonly GatewayKey[] {
    return [
      'state',
      'info',
      'stats',
      ...(this.#parts.homeAssistant ? (['device'] as const) : []),
      ...(this.#former ? (['former-device'] as const) : []),
    ];
  }

  /** What a key says now; undefined: nothing, or it is not the gateway's. */
  messageFor(key: string, now: Millis): StatusMessage | undefined {
    const { topics, homeAssistant, wallClock, sessions } = this.#parts;
    switch (key as GatewayKey) {
      case 'state':
        return this.state('online');
      case 'info':
        return retained(key, topics.info, json(this.#info()));
      case 'stats':
        return retained(key, topics.stats, json(this.#stats.report(sessions.census(), now, wallClock())));
      case 'device':
        return homeAssistant && retained(key, homeAssistant.gatewayTopic, json(homeAssistant.gateway()));
      case 'former-device':
        return this.#former && retained(key, this.#former.gatewayTopic, NOTHING);
      default:
        return undefined;
    }
  }

  state(state: 'online' | 'offline'): StatusMessage {
    return retained('state', this.#parts.topics.state, new TextEncoder().encode(state));
  }

  #info(): object {
    const { site, clientId, discoveryPrefix, shownSettings, restartNeededFor } = this.#parts;
    return infoReport({
      site,
      clientId,
      discoveryPrefix,
      restartNeededFor: restartNeededFor(),
      settings: shownSettings(),
    });
  }
}

function retained(key: string, topic: string, payload: Uint8Array): StatusMessage {
  return { key, topic, payload, retain: true };
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
