/** The composition root: settings in, a running gateway out. */
import type { CredentialRules } from '../config/credentials-file.ts';
import type { PredefinedTopics } from '../config/predefined-topics-file.ts';
import type { PskKeys } from '../config/psk-file.ts';
import { type Settings, toCoreSettings } from '../config/schema.ts';
import { AggregatingCore } from '../core/aggregating-core.ts';
import type { CoreSettings } from '../core/contract/core-settings.ts';
import { FanOut } from '../observe/fan-out.ts';
import { SiteObserver } from '../observe/site-observer.ts';
import type { Note, Observer } from '../ports/observer.ts';
import type { GatewayOperator } from '../ports/operator.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { Site } from '../ports/site.ts';
import type { Store } from '../ports/store.ts';
import type { Transport } from '../ports/transport.ts';
import type { StatusService } from '../status/status-service.ts';
import type { AssociationStore } from '../store/association-store.ts';
import { openStore } from '../store/open-store.ts';
import { startEmbeddedBroker } from '../upstream/embedded-broker.ts';
import { sharedClientId } from '../upstream/shared-client-id.ts';
import { Logins, TransparentUpstream, type UpstreamSettings } from '../upstream/transparent-upstream.ts';
import { changeSettings } from './change-settings.ts';
import { Driver } from './driver.ts';
import { gatewayClientId } from './gateway-client-id.ts';
import { type AddressedTransport, makeTransports } from './make-transports.ts';
import { openAssociations } from './open-associations.ts';
import { openTransports } from './open-transports.ts';
import { Operations } from './operations.ts';
import { credentialsOf, ownLogin } from './own-login.ts';
import { SiteView } from './site-view.ts';
import type { StartStatusParts } from './start-status.ts';
import { statusClientId } from './status-client-id.ts';
import { stopGateway } from './stop-gateway.ts';
import { systemClock } from './system-clock.ts';
import { withBroker } from './with-broker.ts';

/** Milliseconds after which a store that is not open yet is told of. */
const OPENING = 3_000;

export interface GatewayOptions {
  /** As `loadSettings` gives them. */
  readonly settings: Settings;
  /** Client id or `*` to topic id to topic name; none. */
  readonly predefinedTopics?: PredefinedTopics;
  /** Pre-shared keys by the path that the setting `keys` of a DTLS transport has; none. */
  readonly pskKeys?: ReadonlyMap<string, PskKeys>;
  /** Credentials of clients at the broker (the setting `upstream.credentials`); none. */
  readonly credentials?: CredentialRules | undefined;
  /** Who is told everything. */
  readonly observer: Observer | readonly Observer[];
  /** What concerns the program around the gateway, for requests at the broker (`status.requests`); undefined: it does nothing of that. */
  readonly program?: StartStatusParts['program'];
}

/** A gateway that runs. */
export interface Gateway extends Sessions {
  /** URL of the broker in use, without credentials. */
  readonly brokerUrl: string;
  /** The broker is the embedded one. */
  readonly embedded: boolean;
  /** Bound address, or device, of each transport, by its name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** The same for people: `UDP 127.0.0.1:1884`, `serial /dev/ttyUSB0`. */
  readonly listening: readonly string[];
  /** What can be done to the clients and at the broker. */
  readonly operator: GatewayOperator;
  /** What can be shown of the gateway itself. */
  readonly site: Site;
  /** Sessions known, connected or stored. */
  sessionCount(): number;
  /** From now on `observer` is told everything as well; returns how to stop that. It may throw: the gateway goes on. */
  observe(observer: Observer): () => void;
  /**
   * From now on these settings count, as far as they need no restart: of all others those with which it was started (config/README.md says which is
   * which). Nobody is dropped, but for DTLS clients whose key is gone or another one. `predefinedTopics`, `pskKeys` and `credentials` replace all.
   */
  change(
    settings: Settings,
    predefinedTopics: PredefinedTopics,
    pskKeys?: ReadonlyMap<string, PskKeys>,
    credentials?: CredentialRules,
  ): void;
  /** Tells all observers, and the counters, what whoever runs the gateway knows. */
  note(note: Note): void;
  /** Says DISCONNECT to the clients and to the broker, and frees everything; within about 4 s. False: the disk does not answer, and something stays open. */
  stop(): Promise<boolean>;
}

/**
 * Starts the embedded broker where no other is given, the transports and the core. Rejects with an `Error` that has a `code` where
 * something cannot be opened (EADDRINUSE, EACCES, …); nothing is left running then.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { settings, predefinedTopics = new Map(), pskKeys = new Map(), credentials } = options;
  // Whoever embeds the gateway may have a bug in an observer.
  const observer = new FanOut(...[options.observer].flat());
  const broker = settings.upstream.url === undefined ? await startEmbeddedBroker(settings.broker) : undefined;
  const opened: Transport[] = [];
  let upstream: TransparentUpstream | undefined;
  let store: Store | undefined;
  let associations: AssociationStore | undefined;
  const brokerUrl = settings.upstream.url ?? broker?.url ?? '';
  let driver: Driver | undefined;
  let status: StatusService | undefined;
  try {
    let isWhole = true;
    const report = (reason: string): void => {
      isWhole = false;
      observer.note({ type: 'store-problem', reason });
    };
    const stalled = setTimeout(() => observer.note({ type: 'store-stalled', seconds: OPENING / 1000 }), OPENING);
    const sessions = await openStore({ path: settings.sessions.path, report }).finally(() => clearTimeout(stalled));
    store = sessions.store;
    associations = openAssociations(settings, isWhole, observer);
    const ownClientId = await gatewayClientId({ settings, ...sessions, report });
    const watched = { messages: observer.wantsMessages };
    const core = new AggregatingCore({
      watched,
      settings: broker === undefined ? toCoreSettings(settings) : withEmbedded(toCoreSettings(settings)),
      predefinedTopics,
      random: Math.random,
      ownClientId: asClientsSayIt(ownClientId, settings.upstream.clientIdPrefix),
      statusClientId: settings.status.enabled
        ? asClientsSayIt(statusClientId(ownClientId), settings.upstream.clientIdPrefix)
        : undefined,
    });
    const { mode } = settings.upstream;
    const isAggregating = mode === 'aggregating';
    const seen = new SiteObserver({ isAggregating, stands: () => core.isBrokerReached, wallClock: Date.now });
    observer.add(seen);
    const told: Operations['told'] = (effect) => operations.told(effect);
    const place = { url: brokerUrl, ownClientId, sharedClientId: sharedClientId(ownClientId) };
    driver = new Driver({ core, clock: systemClock, observer: withBroker(observer, place), told });
    const forgetDeparted = (clientId: string) => status?.forget(clientId) ?? false;
    const operations = new Operations({ core, driver, clock: systemClock, forgetDeparted });
    driver.store = store;
    const way = upstreamSettings(settings, brokerUrl, ownClientId);
    const logins = new Logins(
      way,
      (reason) => observer.note({ type: 'upstream-problem', reason }),
      credentialsOf(credentials),
    );
    const reserved = settings.status.enabled ? [statusClientId(ownClientId)] : [];
    const clientAt = (clientId: string, whose: string) => core.clientAtBroker(clientId, whose);
    upstream = new TransparentUpstream({ settings: way, listener: driver.feed, logins, reserved, clientAt });
    driver.upstream = upstream;
    const addresses = new Map<string, string>();
    const listening: string[] = [];
    const transports: readonly AddressedTransport[] = makeTransports(
      settings,
      pskKeys,
      driver.feed,
      observer,
      associations,
    );
    associations?.forgetUnclaimed();
    const media = transports.map(({ transport }) => transport);
    for (const transport of media) {
      driver.addTransport(transport);
    }
    await openTransports(media, opened);
    for (const { transport, kind, address } of transports) {
      addresses.set(transport.name, address());
      listening.push(`${kind} ${address()}`);
    }
    const embedded = broker !== undefined;
    const site = new SiteView({
      gwId: settings.gateway.id,
      core,
      driver,
      upstream,
      observer: seen,
      broker: { url: brokerUrl, embedded, mode },
      transports,
      isStored: settings.sessions.path !== 'memory',
    });
    const changeable = { driver, upstream, logins, transports };
    let current = settings;
    const runs = driver;
    const view: Sessions = {
      now: () => runs.now(),
      census: () => core.census(),
      clientIds: () => core.clientIds(),
      sessions: () => core.sessions(),
      session: (clientId) => core.session(clientId),
      summary: (clientId) => core.summary(clientId),
    };
    const { program = () => undefined } = options;
    const parts = { sessions: view, site, operator: operations, program, observer };
    if (settings.status.enabled) {
      const { startStatus } = await import('./start-status.ts'); // nobody else pays for it
      status = startStatus({ settings: () => current, upstream: way, logins, ...parts });
    }
    driver.start({ type: 'sessions-restored', records: sessions.records });
    const running = { driver, upstream, store, associations, transports: opened, operations, broker, observer, status };
    let stopping: Promise<boolean> | undefined;
    return {
      brokerUrl,
      embedded,
      addresses,
      listening,
      operator: operations,
      site,
      sessionCount: () => core.sessionCount,
      ...view,
      observe: (more) => {
        observer.add(more);
        watched.messages = observer.wantsMessages;
        return () => {
          observer.remove(more);
          watched.messages = observer.wantsMessages;
        };
      },
      change: (changed, topics, keys = new Map(), rules = undefined) => {
        const files = { predefinedTopics: topics, pskKeys: keys, credentials: rules };
        current = changeSettings(changeable, current, changed, files);
      },
      note: (note) => observer.note(note),
      stop: () => {
        stopping ??= stopGateway(running);
        return stopping;
      },
    };
  } catch (error) {
    driver?.stop();
    await Promise.all([...opened.map((transport) => transport.close()), upstream?.close(0), status?.stop()]);
    await broker?.close();
    await associations?.close();
    driver?.releaseStore();
    await store?.close();
    throw error;
  }
}

/** The client id of a client that would have this one at the broker; undefined: the prefix makes that impossible. */
function asClientsSayIt(clientId: string, prefix: string): string | undefined {
  return clientId.startsWith(prefix) ? clientId.slice(prefix.length) : undefined;
}

export function upstreamSettings(settings: Settings, url: string, ownClientId: string): UpstreamSettings {
  const { upstream, sessions } = settings;
  return {
    ...upstream,
    ...ownLogin(settings),
    url,
    gatewayClientId: ownClientId,
    protocolVersion: upstream.protocolVersion ?? 4,
    sessionExpiry: Math.ceil((upstream.sessionExpiry ?? sessions.expiry) / 1000), // I-160
    willDelay: Math.round(upstream.willDelay / 1000),
  };
}

/** The embedded broker speaks MQTT 3.1.1: the shared connection is not tried in MQTT 5. */
function withEmbedded(settings: CoreSettings): CoreSettings {
  return { ...settings, upstream: { ...settings.upstream, sharedProtocol: 4 } };
}
