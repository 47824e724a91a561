import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type {
  ClientChanges,
  ClientDetail,
  ClientItem,
  History,
  Incident,
  Overview,
  Topics,
  TracedFrame,
} from '../../src/http/api-contract.ts';
import { chosenClients } from '../../src/http/page/model/client-order.ts';
import { ALL_CLIENTS, parseRoute } from '../../src/http/page/model/route.ts';

const PAGE = new URL('../../dist/http/page/', import.meta.url).pathname;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the gateway sends with its page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What a gateway would answer; a test writes into it what it wants to see. */
export interface MadeUpGateway {
  overview: Overview;
  history: History;
  incidents: readonly Incident[];
  clients: Map<string, ClientDetail>;
  topics: Topics;
}

/** The built page, and behind `/api/v1` answers that a test has made up: for what a real gateway shows only in trouble, or only with ten thousand clients. */
export class FakeApi {
  gateway: MadeUpGateway;
  /** Requests that want something done: `POST publish {"topic":…}`. */
  readonly done: string[] = [];
  readonly #server: Server;
  readonly #streams = new Set<{ readonly response: ServerResponse; readonly events: string }>();
  readonly #traces = new Map<string, Set<ServerResponse>>();
  #refusal: { readonly status: number; readonly detail: string } | undefined;

  private constructor(gateway: MadeUpGateway) {
    this.gateway = gateway;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(gateway: MadeUpGateway): Promise<FakeApi> {
    const api = new FakeApi(gateway);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** Address of the page, below a prefix as behind a proxy. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/some/prefix/`;
  }

  /** Streams that somebody listens to. */
  get streams(): number {
    return this.#streams.size;
  }

  /** How many look at the frames of a client. */
  traced(clientId: string): number {
    return this.#traces.get(clientId)?.size ?? 0;
  }

  /** Says something on all event streams that want it. */
  say(event: 'overview', data: Overview): void;
  say(event: 'incident', data: Incident): void;
  say(event: 'clients', data: ClientChanges): void;
  say(event: string, data: unknown): void {
    for (const { response, events } of this.#streams) {
      if (events.split(',').includes(event)) {
        response.write(eventText(event, data));
      }
    }
  }

  /** A frame of a client that is traced. */
  frame(clientId: string, frame: TracedFrame): void {
    for (const response of this.#traces.get(clientId) ?? []) {
      response.write(eventText('frame', frame));
    }
  }

  endTrace(clientId: string): void {
    for (const response of this.#traces.get(clientId) ?? []) {
      response.end('event: end\ndata: {}\n\n');
    }
    this.#traces.delete(clientId);
  }

  /** Ends all streams, and refuses what is asked from now on; undefined: answers again. */
  refuse(refusal: { readonly status: number; readonly detail: string } | undefined): void {
    this.#refusal = refusal;
    if (refusal !== undefined) {
      for (const { response } of this.#streams) {
        response.destroy();
      }
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://gateway');
    const path = url.pathname.replace(/^\/some\/prefix\//, '');
    if (!path.startsWith('api/v1/')) {
      await serveFile(path === '' ? 'index.html' : path, response);
      return;
    }
    if (this.#refusal !== undefined) {
      problem(response, this.#refusal.status, this.#refusal.detail);
      return;
    }
    const body = await bodyOf(request);
    this.#resource(request.method ?? '', path.slice('api/v1/'.length), url.searchParams, body, response);
  }

  #resource(method: string, path: string, query: URLSearchParams, body: string, response: ServerResponse): void {
    const { overview, history, incidents, topics } = this.gateway;
    const [, encodedId, part] = /^clients\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
    if (method !== 'GET') {
      this.done.push(`${method} ${path} ${body}`.trim());
    }
    if (path === 'events') {
      this.#stream(query.get('events') ?? '', response);
    } else if (encodedId !== undefined) {
      this.#client(method, query.get('clientId') ?? decodeURIComponent(encodedId), part, response);
    } else if (path === 'clients') {
      const route = parseRoute(`#/clients?${query}`);
      const chosen = route.view === 'clients' ? route.query : ALL_CLIENTS;
      const items = chosenClients([...this.gateway.clients.values()].map(itemOf), chosen);
      const offset = Number(query.get('offset'));
      json(response, { total: items.length, items: items.slice(offset, offset + Number(query.get('limit'))) });
    } else if (path === 'publish') {
      json(response, {});
    } else {
      const answers: Record<string, unknown> = { overview, history, 'events/recent': incidents, topics };
      json(response, answers[path]);
    }
  }

  #client(method: string, clientId: string, part: string | undefined, response: ServerResponse): void {
    const client = this.gateway.clients.get(clientId);
    if (client === undefined) {
      problem(response, 404, 'There is no such client.');
    } else if (part === 'trace' && method === 'POST') {
      const traceUntil = new Date(Date.now() + 60_000).toISOString();
      this.gateway.clients.set(clientId, { ...client, traceUntil });
      json(response, { traceUntil });
    } else if (part === 'trace' && method === 'GET') {
      startStream(response);
      const viewers = this.#traces.get(clientId) ?? new Set();
      this.#traces.set(clientId, viewers.add(response));
      response.on('close', () => viewers.delete(response));
    } else if (method === 'DELETE' && part === undefined) {
      this.gateway.clients.delete(clientId);
      this.say('clients', { changed: [], removed: [clientId], reset: false });
      response.writeHead(204).end();
    } else if (method === 'GET') {
      json(response, client);
    } else {
      response.writeHead(204).end();
    }
  }

  #stream(events: string, response: ServerResponse): void {
    startStream(response);
    const stream = { response, events };
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
    this.say('overview', this.gateway.overview);
  }
}

/** A client as it stands in the list. */
export function itemOf(client: ClientDetail): ClientItem {
  const { accessRule, cleanSession, keepAlive, inFlight, willTopic, topicIds, subscriptions, ...more } = client;
  const { waitingMessages, history, refusals, traceUntil, ...item } = more;
  return item;
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  try {
    const content = await readFile(join(PAGE, normalize(`/${path}`)));
    response
      .writeHead(200, {
        'content-type': TYPES[extname(path)] ?? 'text/plain',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': path.startsWith('v-') ? 'max-age=3600, immutable' : 'no-cache',
      })
      .end(content);
  } catch {
    response.writeHead(404).end();
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function problem(response: ServerResponse, status: number, detail: string): void {
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', title: 'Problem', status, detail }));
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(':\n\n');
}

function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) {
    body += String(part);
  }
  return body;
}
