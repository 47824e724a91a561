import type {
  ClientDetail,
  ClientItem,
  History,
  Incident,
  Overview,
  ProblemDetails,
  PublishRequest,
  Topics,
} from '../../api-contract.ts';
import { ApiError } from './api-error.ts';
import type { GatewayClock } from './gateway-clock.ts';
import type { ClientQuery } from './route.ts';

/** An answer that takes longer does not come, in milliseconds. */
const LIMIT = 15_000;

/** The same of what is done, which takes as long as broker and disk do: the gateway gives up after 30 s, and says why. */
const LIMIT_OF_ACTS = 40_000;

/** As many clients as the gateway tells at once. */
export const MOST_CLIENTS = 10_000;

/** The requests of `/api/v1`. All reject with `ApiError`. */
export class ApiClient {
  readonly #base: URL;
  readonly #clock: GatewayClock;

  /** `page`: address of the page; the API is beside it, below the same prefix of a path. */
  constructor(page: URL, clock: GatewayClock) {
    // Credentials in an address are for the browser: requests to it must not name them.
    this.#base = new URL('api/v1/', `${page.origin}${page.pathname}`);
    this.#clock = clock;
  }

  /** Address of a resource, for event streams. */
  url(path: string): string {
    return new URL(path, this.#base).href;
  }

  overview(): Promise<Overview> {
    return this.#ask('GET', 'overview') as Promise<Overview>;
  }

  history(): Promise<History> {
    return this.#ask('GET', 'history') as Promise<History>;
  }

  recentIncidents(): Promise<readonly Incident[]> {
    return this.#ask('GET', 'events/recent') as Promise<readonly Incident[]>;
  }

  topics(): Promise<Topics> {
    return this.#ask('GET', 'topics') as Promise<Topics>;
  }

  /** A page of the clients of a choice; `total`: how many it has. */
  clients({ page, ...query }: ClientQuery): Promise<{ readonly total: number; readonly items: readonly ClientItem[] }> {
    const told = Object.entries(query).filter(([, value]) => value !== '');
    const parameters = new URLSearchParams([...told, ['limit', String(MOST_CLIENTS)]]);
    if (page > 1) {
      parameters.set('offset', String((page - 1) * MOST_CLIENTS));
    }
    return this.#ask('GET', `clients?${parameters}`) as Promise<{ total: number; items: ClientItem[] }>;
  }

  client(clientId: string): Promise<ClientDetail> {
    return this.#ask('GET', clientPath(clientId)) as Promise<ClientDetail>;
  }

  async disconnect(clientId: string): Promise<void> {
    await this.#ask('POST', clientPath(clientId, '/disconnect'), {});
  }

  async forget(clientId: string): Promise<void> {
    await this.#ask('DELETE', clientPath(clientId));
  }

  async publish(message: PublishRequest): Promise<void> {
    await this.#ask('POST', 'publish', message);
  }

  /** Shows the frames of a client for so long. */
  startTrace(clientId: string, seconds: number): Promise<{ readonly traceUntil: string }> {
    return this.#ask('POST', clientPath(clientId, '/trace'), { seconds }) as Promise<{ traceUntil: string }>;
  }

  async stopTrace(clientId: string): Promise<void> {
    await this.#ask('DELETE', clientPath(clientId, '/trace'));
  }

  /** Address of the stream of a client's frames. */
  traceUrl(clientId: string): string {
    return this.url(clientPath(clientId, '/trace'));
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#answer(method, path, body);
    this.#clock.heard(answer.headers.get('date'));
    const text = await answer.text().catch(() => '');
    if (!answer.ok) {
      throw new ApiError(answer.status, problemText(answer.status, text));
    }
    if (text === '') {
      return undefined;
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new ApiError(answer.status, `What answers at ${this.url(path)} is no gateway: it sends no JSON.`, error);
    }
  }

  async #answer(method: string, path: string, body: unknown): Promise<Response> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      return await fetch(this.url(path), {
        method,
        headers,
        signal: AbortSignal.timeout(method === 'GET' ? LIMIT : LIMIT_OF_ACTS),
        ...content,
      });
    } catch (error) {
      throw new ApiError(0, 'The gateway does not answer.', error);
    }
  }
}

/** A path has no room for every client id: a browser takes out dots, and a proxy may take a slash for what it is not. The query has. */
function clientPath(clientId: string, part = ''): string {
  return /^[\w-]+$/.test(clientId)
    ? `clients/${clientId}${part}`
    : `clients/-${part}?clientId=${encodeURIComponent(clientId)}`;
}

/** What an answer that is none says (RFC 9457), or at least its status. */
function problemText(status: number, text: string): string {
  try {
    const { title, detail } = JSON.parse(text) as Partial<ProblemDetails>;
    return detail || title || `The gateway answers with status ${status}.`;
  } catch {
    return `The gateway answers with status ${status}.`;
  }
}
