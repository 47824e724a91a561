import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { systemClock } from '../../src/app/system-clock.ts';
import type { HttpSettings } from '../../src/http/http-settings.ts';
import { type HttpParts, startHttp } from '../../src/http/start-http.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { Collected, eventually, within } from './eventually.ts';
import { FakeGateway } from './fake-gateway.ts';

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON, of which the test says what it expects. */
  json<T = Readonly<Record<string, unknown>>>(): T;
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless it is text. */
  readonly body?: unknown;
  /** Address that the request comes from. */
  readonly from?: string;
}

/** An event of a stream. */
export interface SeenEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Somebody who reads an event stream. */
export class StreamReader {
  readonly events = new Collected<SeenEvent>('events of the stream');
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Comments, which keep a stream alive. */
  comments = 0;
  ended = false;
  readonly #response: IncomingMessage;
  #unread = '';

  constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    response.on('error', () => undefined);
    response.on('close', () => {
      this.ended = true;
    });
  }

  /** The next events of this name, from the first on. */
  named(name: string): SeenEvent[] {
    return this.events.items.filter((event) => event.name === name);
  }

  close(): void {
    this.#response.destroy();
  }

  #read(text: string): void {
    const blocks = `${this.#unread}${text}`.split('\n\n');
    this.#unread = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
      if (fields.has('')) {
        this.comments += 1;
      }
      const data = fields.get('data');
      if (data !== undefined) {
        this.events.add({ name: fields.get('event') ?? 'message', data: JSON.parse(data) });
      }
    }
  }
}

export interface ServedOptions extends Partial<HttpSettings> {
  /** Instead of that of the machine. */
  readonly clock?: Clock;
  readonly frames?: HttpParts['frames'];
}

/** A status page that is served, of a gateway that is made up. */
export class ServedPage {
  readonly gateway: FakeGateway;
  /** Who may come in; a test may put others in its place. */
  access: HttpSettings;
  readonly #secure: boolean;
  readonly #sockets: Socket[] = [];
  #stop: () => Promise<void> = async () => undefined;

  private constructor(gateway: FakeGateway, settings: HttpSettings) {
    this.gateway = gateway;
    this.access = settings;
    this.#secure = settings.cert !== undefined;
  }

  /** Serves it at a free port of 127.0.0.1, unless told otherwise. */
  static async start({ clock = systemClock, frames = {}, ...some }: ServedOptions): Promise<ServedPage> {
    const gateway = new FakeGateway();
    const settings: HttpSettings = { host: '127.0.0.1', port: 0, users: [], ...some };
    const page = new ServedPage(gateway, settings);
    const { stop } = await startHttp({
      access: () => page.access,
      ...{ settings, clock, frames, sessions: gateway, site: gateway, operator: gateway },
      ...{ wall: Date.now, loopDelay: { recent: 1.5, distribution: () => gateway.storeWrites() } },
      limits: { sessions: 10_000, qos0Octets: 1_000_000, queueOctets: undefined },
      observe: gateway.observe,
      note: gateway.note,
    });
    page.#stop = stop;
    return page;
  }

  /** Port at which it is served. Error where it is not. */
  get port(): number {
    const up = this.gateway.notes.find((note) => note.type === 'http-up');
    if (up?.type !== 'http-up') {
      throw new Error(`the page is not served: ${JSON.stringify(this.gateway.notes)}`);
    }
    return Number(new URL(up.url).port);
  }

  get(path: string, asking: Asking = {}): Promise<HttpAnswer> {
    return this.ask('GET', path, asking);
  }

  async ask(method: string, path: string, asking: Asking = {}): Promise<HttpAnswer> {
    const response = await this.#open(method, path, asking);
    let text = '';
    for await (const part of response.setEncoding('utf8')) {
      text += part;
    }
    const { statusCode = 0, headers } = response;
    return { status: statusCode, headers, text, json: () => JSON.parse(text) };
  }

  /** Opens an event stream; what is refused has no events. */
  async stream(path: string, asking: Asking = {}): Promise<StreamReader> {
    return new StreamReader(await this.#open('GET', path, asking));
  }

  /** A connection on which a test says what it likes. */
  async connect(from = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress: from });
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    await within('a connection', new Promise((resolve) => socket.once('connect', resolve)));
    return socket;
  }

  async stop(): Promise<void> {
    await this.#stop();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #open(method: string, path: string, { headers = {}, body, from = '127.0.0.1' }: Asking): Promise<IncomingMessage> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const typed = text === undefined ? {} : { 'content-type': 'application/json' };
    const options: RequestOptions = {
      ...{ method, path, port: this.port, host: '127.0.0.1', localAddress: from, agent: false },
      headers: { ...typed, ...headers },
    };
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      const asked: ClientRequest = this.#secure
        ? secureRequest({ ...options, rejectUnauthorized: false }, resolve)
        : request(options, resolve);
      asked.once('error', reject);
      asked.end(text);
    });
    return within(`an answer to ${method} ${path}`, answer);
  }
}

/** For the top of a test file: serves pages; all are gone after each test. */
export function httpBench(): (options?: ServedOptions) => Promise<ServedPage> {
  const pages: ServedPage[] = [];
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.stop()));
  });
  return async (options = {}) => {
    const page = await ServedPage.start(options);
    pages.push(page);
    return page;
  };
}

/** Waits until the other end has closed a connection; what it said before. */
export async function closedBy(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await eventually('the end of the connection', () => socket.closed || socket.destroyed || socket.readableEnded);
  return text;
}
