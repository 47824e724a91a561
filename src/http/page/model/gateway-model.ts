import type { ClientChanges, Incident, Overview } from '../../api-contract.ts';
import { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { ClientList } from './client-list.ts';
import type { OpenEventStream } from './event-stream.ts';
import { GatewayClock } from './gateway-clock.ts';
import type { NumberedIncident } from './incident-groups.ts';
import { type Connection, LiveStream, type StreamEvent } from './live-stream.ts';
import { Value } from './value.ts';

/** Incidents that are kept. */
const INCIDENTS = 100;

/** All that the page knows of the gateway. */
export class GatewayModel {
  readonly clock = new GatewayClock();
  readonly api: ApiClient;
  readonly openStream: OpenEventStream;
  readonly clients: ClientList;
  readonly connection = new Value<Connection>({ state: 'connecting' });
  /** Why there is no connection, where the gateway says so. */
  readonly problem = new Value<string | undefined>(undefined);
  readonly overview = new Value<Overview | undefined>(undefined);
  /** The gateway is not of the version any more with which this page came. */
  readonly isOutdated = new Value(false);
  /** Newest first; undefined: not yet known. */
  readonly incidents = new Value<readonly NumberedIncident[] | undefined>(undefined);
  readonly #stream: LiveStream;
  #wantsClients = false;
  #incidents = 0;
  /** The one that was told first. */
  #version: string | undefined;

  /** `page`: address of the page. */
  constructor(page: URL, openStream: OpenEventStream) {
    this.openStream = openStream;
    this.api = new ApiClient(page, this.clock);
    this.clients = new ClientList(this.api);
    this.#stream = new LiveStream({
      open: (events) => openStream(this.api.url(`events?events=${events.join()}`)),
      opened: () => void this.#catchUp(),
      event: (name, data) => this.#take(name, data),
      changed: (connection) => {
        this.connection.set(connection);
        if (connection.state === 'lost') {
          void this.#askWhy();
        }
      },
    });
  }

  /** Opens the stream; `wantsClients`: with what changes in the list of clients. */
  follow(wantsClients: boolean): void {
    this.#wantsClients = wantsClients;
    this.clients.follow(wantsClients);
    this.#stream.want(wantsClients ? ['overview', 'incident', 'clients'] : ['overview', 'incident']);
  }

  /** Tries to connect now. */
  tryNow(): void {
    this.#stream.tryNow();
  }

  /** Whether somebody sees the page: one that nobody sees costs the gateway nothing. */
  seen(isSeen: boolean): void {
    this.clients.follow(isSeen && this.#wantsClients);
    this.#stream.seen(isSeen);
  }

  async #catchUp(): Promise<void> {
    this.problem.set(undefined);
    if (this.#wantsClients) {
      void this.clients.load();
    }
    try {
      const [overview, incidents] = await Promise.all([this.api.overview(), this.api.recentIncidents()]);
      this.#show(overview);
      const newer = (this.incidents.get() ?? []).filter(({ time }) => time > (incidents[0]?.time ?? ''));
      // What came by the stream while the list was on its way, and is not in it.
      this.incidents.set([...newer, ...incidents.slice(0, INCIDENTS).map((one) => this.#numbered(one))]);
    } catch (error) {
      this.problem.set(error instanceof ApiError ? error.message : String(error));
    }
  }

  /** An event stream that fails does not say why; a request does. */
  async #askWhy(): Promise<void> {
    try {
      await this.api.overview();
    } catch (error) {
      if (this.connection.get().state === 'lost' && error instanceof ApiError && error.status !== 0) {
        this.problem.set(error.message);
      }
    }
  }

  #take(name: StreamEvent, data: unknown): void {
    switch (name) {
      case 'overview':
        this.#show(data as Overview);
        break;
      case 'incident':
        this.incidents.set([this.#numbered(data as Incident), ...(this.incidents.get() ?? [])].slice(0, INCIDENTS));
        break;
      case 'clients':
        this.clients.apply(data as ClientChanges);
        break;
    }
  }

  #show(overview: Overview): void {
    this.#version ??= overview.version;
    this.isOutdated.set(overview.version !== this.#version);
    this.overview.set(overview);
  }

  #numbered(incident: Incident): NumberedIncident {
    this.#incidents += 1;
    return { ...incident, number: this.#incidents };
  }
}
