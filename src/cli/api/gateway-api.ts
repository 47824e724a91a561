/** The HTTP interface of a running gateway, for commands: requests, event streams, and errors that a person can act on. */
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { ProblemDetails } from '../../http/api-contract.ts';

/** Where the interface is, and as whom it is asked. */
export interface ApiAccess {
  /** `http:` or `https:`, with a slash at its end. */
  readonly url: URL;
  /** Value of the header Authorization. */
  readonly authorization: string | undefined;
  /** Certificates (PEM) that are believed, in place of those of Node.js. */
  readonly ca: Buffer | undefined;
}

/** The gateway cannot be asked, or says no: one line for the user. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of the answer; undefined: there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** An event of a stream. */
export interface ApiEvent {
  readonly name: string;
  readonly data: unknown;
}

/** Longest answer that is taken; 10,000 clients are about five million octets. */
const MAX_ANSWER = 64 * 1024 * 1024;
/** Longest event. */
const MAX_EVENT = 1024 * 1024;
/** Milliseconds without an octet of an answer, or of a stream, which has a sign of life each 15 s. */
const SILENCE = 45_000;

export class GatewayApi {
  readonly #access: ApiAccess;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  /** What is there. Rejects with `ApiError`. */
  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  /** The answer as JSON; undefined where there is none to give. Rejects with `ApiError`. */
  async send<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await this.#open(method, path, body);
    return this.#json(await textOf(response), response) as T;
  }

  /** The events of a stream until it ends. Rejects with `ApiError`. `signal` ends it. */
  async *events(path: string, signal: AbortSignal): AsyncGenerator<ApiEvent> {
    let response: IncomingMessage;
    try {
      response = await this.#open('GET', path, undefined, signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      throw error;
    }
    let unread = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        const blocks = `${unread}${chunk}`.split('\n\n');
        unread = blocks.pop() ?? '';
        if (unread.length > MAX_EVENT) {
          throw new ApiError(`what answers at ${this.#access.url} sends no events`);
        }
        yield* blocks.flatMap(eventsIn);
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error instanceof ApiError
          ? error
          : new ApiError('the gateway has gone away', undefined, { cause: error });
      }
    } finally {
      response.destroy();
    }
  }

  async #open(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const { url, authorization, ca } = this.#access;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions & { ca?: Buffer } = {
      method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
      timeout: SILENCE,
      ...(signal && { signal }),
      ...(ca && { ca }),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const make = url.protocol === 'https:' ? secureRequest : plainRequest;
      const asked = make(new URL(path.replace(/^\//, ''), url), options, resolve);
      asked.on('timeout', () => asked.destroy(new Error(`nothing came for ${SILENCE / 1000} s`)));
      asked.once('error', (error: NodeJS.ErrnoException) => reject(this.#unreachable(error)));
      asked.end(text);
    });
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) {
      return response;
    }
    throw this.#refused(statusCode, await textOf(response), response);
  }

  #json(text: string, response: IncomingMessage): unknown {
    if (text === '') {
      return undefined;
    }
    try {
      return JSON.parse(text);
    } catch {
      throw this.#stranger(response.statusCode);
    }
  }

  #unreachable({ code = '', message }: NodeJS.ErrnoException): ApiError {
    const { url } = this.#access;
    if (code === 'ECONNREFUSED') {
      return new ApiError(
        `no gateway answers at ${url}: is it running, with http.enabled, and is its http.port that of --url?`,
      );
    }
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return new ApiError(
        `no address is known for ${url.hostname}: --url names the gateway, such as http://192.168.1.2:8884/`,
      );
    }
    if (/CERT|SIGNED|ALTNAME/.test(code)) {
      return new ApiError(
        `the certificate of ${url} is not believed (${message}): add --ca with the file of http.cert, or of its authority`,
      );
    }
    const wrongProtocol =
      code === 'EPROTO' || code === 'ECONNRESET' || code.startsWith('HPE_') || code.startsWith('ERR_SSL');
    return new ApiError(`${url} cannot be asked: ${message}${wrongProtocol ? ' (http: or https:?)' : ''}`);
  }

  #refused(status: number, text: string, response: IncomingMessage): ApiError {
    const problem = problemIn(text);
    if (problem === undefined) {
      return this.#stranger(status, response.headers.location);
    }
    if (status === 401) {
      const advice =
        this.#access.authorization === undefined
          ? 'add --token-file with the file of the token, or --user'
          : 'see http.token and http.users in the settings of the gateway';
      return new ApiError(`${problem.detail.replace(/\.?$/, '')}: ${advice}`, status);
    }
    return new ApiError(problem.detail, status);
  }

  #stranger(status: number | undefined, location?: string): ApiError {
    const moved = location === undefined ? '' : ` (it leads to ${location})`;
    return new ApiError(
      `what answers at ${this.#access.url} is no gateway: status ${status}${moved}; see --url`,
      status,
    );
  }
}

/** The path of a client, or of something below it. `.` and `..` cannot stand in a path. */
export function clientPath(clientId: string, below = ''): string {
  return clientId === '.' || clientId === '..'
    ? `api/v1/clients/-${below}?clientId=${clientId}`
    : `api/v1/clients/${encodeURIComponent(clientId)}${below}`;
}

function problemIn(text: string): ProblemDetails | undefined {
  try {
    const problem = JSON.parse(text) as Partial<ProblemDetails> | null;
    return typeof problem?.detail === 'string' ? (problem as ProblemDetails) : undefined;
  } catch {
    return undefined;
  }
}

function eventsIn(block: string): ApiEvent[] {
  const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  const data = fields.get('data');
  try {
    return data === undefined ? [] : [{ name: fields.get('event') ?? 'message', data: JSON.parse(data) }];
  } catch {
    return [];
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += (chunk as Buffer).length;
      if (size > MAX_ANSWER) {
        throw new ApiError(`the answer is longer than ${MAX_ANSWER} octets`);
      }
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('the gateway has gone away', undefined, { cause: error });
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks).toString();
}
