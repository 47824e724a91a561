/** The composition of the status page: what it shows, who may see it, and where it is served. */

import type { FrameTextOptions } from '../observe/frame-text.ts';
import type { LoopDelay } from '../observe/loop-delay.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpNote, Observer } from '../ports/observer.ts';
import type { Operator } from '../ports/operator.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { Site } from '../ports/site.ts';
import { Gatekeeper, type GatekeeperSettings, READ_ONLY_HINT } from './access/gatekeeper.ts';
import type { ClientItem } from './api-contract.ts';
import { LiveEvents } from './events/live-events.ts';
import { StreamPlaces } from './events/stream-places.ts';
import type { HttpSettings } from './http-settings.ts';
import { Listener } from './listener.ts';
import type { MetricsLimits } from './metrics/scrape.ts';
import { ChangedClients } from './model/changed-clients.ts';
import { clientDetail, clientItem } from './model/client-item.ts';
import { ClientList } from './model/client-list.ts';
import { ClientTraces } from './model/client-traces.ts';
import { GatewayWatch } from './model/gateway-watch.ts';
import { HourHistory } from './model/hour-history.ts';
import { MessageRates, messagesIn } from './model/message-rates.ts';
import { clientsIn, overviewOf } from './model/overview.ts';
import { topicList } from './model/topic-list.ts';
import { isoTime, WallClock } from './model/wall-clock.ts';
import { nodeServer } from './node-server.ts';
import { pageFiles } from './page-files.ts';
import type { Route, Viewer } from './route.ts';
import { clientRoutes } from './routes/client-routes.ts';
import { operatorRoutes } from './routes/operator-routes.ts';
import { overviewRoutes } from './routes/overview-routes.ts';
import { pageRoutes } from './routes/page-routes.ts';
import { watchRoutes } from './routes/watch-routes.ts';
import { ServerCertificate } from './server-certificate.ts';
import { makeWebServer } from './web-server.ts';

export interface HttpParts {
  /** Where it is served, as it was started. */
  readonly settings: HttpSettings;
  /** Who may come in, as it is now: another object where it has changed. */
  access(): GatekeeperSettings;
  readonly sessions: Sessions;
  readonly site: Site;
  readonly operator: Operator;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  readonly loopDelay: Pick<LoopDelay, 'recent' | 'distribution'>;
  /** How frames are read, and whether payloads are shown. */
  readonly frames: FrameTextOptions;
  /** Settings that metrics are compared with. */
  readonly limits: MetricsLimits;
  /** From now on the observer is told everything; returns how to stop that. */
  observe(observer: Observer): () => void;
  note(note: HttpNote): void;
}

/** A status page that is served. */
export interface HttpService {
  /** Ends all connections; within a moment. */
  stop(): Promise<void>;
}

/**
 * Serves the status page. Resolves also where the port cannot be had yet, which is noted and tried again; rejects where the certificate cannot be
 * used.
 */
export async function startHttp(parts: HttpParts): Promise<HttpService> {
  const { settings, clock, note } = parts;
  const { cert, key } = settings;
  const certificate = cert === undefined || key === undefined ? undefined : new ServerCertificate({ cert, key });
  const gatekeeper = new Gatekeeper({
    settings: parts.access,
    clock,
    blocked: (address, seconds) => note({ type: 'http-login-blocked', address, seconds }),
  });
  const shown = showGateway(parts, () => (gatekeeper.mayAct ? undefined : READ_ONLY_HINT));
  const { server } = await makeWebServer({
    version: parts.site.version,
    routes: ({ openApi }) => [...shown.routes, ...pageRoutes(pageFiles, openApi)],
    admit: (request, audience, cost) => gatekeeper.admit(request, audience, cost),
    defect: (error) => note({ type: 'http-problem', code: 'defect', reason: stackOf(error) }),
    makeServer: (listener) => nodeServer(listener, certificate),
  });
  const { host, port } = settings;
  const listener = new Listener({ server, host, port, certificate, clock, login: gatekeeper.mayAct, note });
  await listener.start();
  return {
    async stop() {
      shown.stop();
      await listener.stop();
    },
  };
}

/** What is watched of the gateway, and the routes that show it. */
function showGateway(
  parts: HttpParts,
  accessHint: () => string | undefined,
): { routes: readonly Route[]; stop(): void } {
  const { sessions, site, operator, clock, wall, loopDelay, limits } = parts;
  const wallClock = new WallClock({ wall, now: () => sessions.now() });
  const eventLoopDelay = () => loopDelay.recent;
  const watch = new GatewayWatch({
    ...{ clock, wall },
    isKnown: (clientId) => sessions.summary(clientId) !== undefined,
    tell: (incident) => events.incident(incident),
  });
  const itemOf = (clientId: string): ClientItem | undefined => {
    const view = sessions.summary(clientId);
    return view && clientItem(view, wallClock.offset(), watch.signals.of(view.link));
  };
  const rates = new MessageRates(clock);
  const drops = { counts: () => site.drops() };
  const overview = () => overviewOf({ site, sessions, operator, rates, drops, wall, eventLoopDelay, accessHint });
  const places = new StreamPlaces();
  const changes = new ChangedClients({ observe: parts.observe, item: itemOf });
  const events = new LiveEvents({ clock, places, overview, changes });
  const traces = new ClientTraces({
    ...{ clock, wall, places, observe: parts.observe, frames: parts.frames },
    linkOf: (clientId) => sessions.summary(clientId)?.link,
  });
  const history = new HourHistory({
    ...{ clock, wall, eventLoopDelay },
    read: () => {
      const messages = messagesIn(site.counts());
      rates.sample(messages);
      return { ...messages, clients: clientsIn(sessions.census()).total, queued: site.queues().messages };
    },
  });
  const rssi = (link: string) => watch.signals.of(link);
  const list = new ClientList({ views: () => sessions.sessions(), rssi });
  const client = (clientId: string) => {
    const view = sessions.session(clientId);
    if (view === undefined) {
      return undefined;
    }
    const until = traces.until(clientId);
    const offset = wallClock.offset();
    const item = clientItem(view, offset, watch.signals.of(view.link));
    return clientDetail(view, item, offset, {
      history: watch.history.of(clientId),
      refusals: watch.refusals.of(clientId),
      traceUntil: until === undefined ? null : isoTime(until),
    });
  };
  const noteAct = (action: (HttpNote & { type: 'operator-acted' })['action'], viewer: Viewer, clientId?: string) =>
    parts.note({ type: 'operator-acted', action, clientId, by: viewer.name ?? viewer.address });
  const end = parts.observe(watch);
  history.start();
  return {
    routes: [
      ...overviewRoutes({
        ...{ overview, events },
        history: () => history.history(),
        recentIncidents: () => watch.incidents.recent(),
      }),
      ...clientRoutes({
        ...{ list, traces, operator, client },
        items: (views) => {
          const offset = wallClock.offset();
          return views.map((view) => clientItem(view, offset, rssi(view.link)));
        },
        acted: (action, clientId, viewer) => noteAct(action, viewer, clientId),
      }),
      ...operatorRoutes({
        operator,
        topics: () => topicList({ sessions, site, wallClock, unknown: watch.unknownTopics }),
        acted: noteAct,
      }),
      ...watchRoutes({ site, sessions, drops, refusals: watch.refusalReasons, limits, loop: loopDelay }),
    ],
    stop: () => {
      events.stop();
      traces.stopAll();
      history.stop();
      end();
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
