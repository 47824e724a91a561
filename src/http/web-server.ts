/**
 * The one file that knows the server library (fastify): routes as plain data in, a listener for the requests of a server of Node.js out.
 * Who may come in is decided before anything else; every answer that is none is a problem (RFC 9457).
 */
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import swagger from '@fastify/swagger';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject, validatorCompiler } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { HttpProblem, type ProblemName } from './http-problem.ts';
import { problemSchema } from './problem-schema.ts';
import type { Answer, Audience, Route, Viewer } from './route.ts';
import { EVERYTHING, nothingAt, notThisWay } from './routes/page-routes.ts';
import { NO_STORE, SECURITY_HEADERS } from './security-headers.ts';

/** Octets of a body, where a route says nothing else. */
const MAX_BODY = 16_384;
/** Octets of a path parameter: more than a request line may have. */
const MAX_PARAMETER = 16_384;

/** Named here, those of the library are not even loaded, which takes as long as all the rest. Its types know no others than Ajv. */
const COMPILERS = {
  buildValidator: () => validatorCompiler,
  buildSerializer: () => () => (value: unknown) => JSON.stringify(value),
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

export interface WebServerParts {
  /** Made once the description of the API can be. */
  routes(described: { openApi(): unknown }): readonly Route[];
  readonly version: string;
  /** Lets a request in, or rejects with `HttpProblem`. */
  admit(request: IncomingMessage, audience: Audience, cost: number): Promise<Viewer>;
  /** Is told of what an answer could not be made for: a defect. */
  defect(error: unknown): void;
  makeServer(listener: RequestListener): Server;
}

/** Puts the server together; it does not listen yet. `openApi` gives the description of the API (OpenAPI 3.1) from then on. */
export async function makeWebServer(parts: WebServerParts): Promise<{ readonly server: Server }> {
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  let server: Server | undefined;
  const app = fastify({
    serverFactory: (listener) => {
      server = parts.makeServer(listener);
      return server;
    },
    bodyLimit: MAX_BODY,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: COMPILERS },
    logger: false,
    routerOptions: { maxParamLength: MAX_PARAMETER, ignoreTrailingSlash: false },
    frameworkErrors: (error, _request, reply) => sendProblem(reply, problemOf(error)),
    clientErrorHandler: (error, socket) => answerBroken(error, socket),
  });
  onlyJson(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const { audience = 'viewers', cost = 1 } = request.routeOptions.config as { audience?: Audience; cost?: number };
    viewers.set(request, await parts.admit(request.raw, audience, cost));
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const found = problemOf(error);
    const problem = found.status === 404 && request.routeOptions.url === EVERYTHING ? missing(request) : found;
    if (problem.status === 500) {
      parts.defect(error);
    }
    return sendProblem(reply, problem);
  });
  const routes: Route[] = [];
  const missing = ({ method, url }: FastifyRequest): HttpProblem => {
    const path = url.split('?')[0] ?? '';
    const allowed = method === 'HEAD' ? '' : methodsAt(path, routes); // of a stream there is no head
    return allowed === '' ? nothingAt(method, path) : notThisWay(method, allowed);
  };
  app.setNotFoundHandler((request, reply) => sendProblem(reply, missing(request)));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'MQTT-SN gateway', version: parts.version, description: DESCRIPTION },
      components: {
        securitySchemes: { user: { type: 'http', scheme: 'basic' }, token: { type: 'http', scheme: 'bearer' } },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(async (inner) => {
    for (const route of parts.routes({ openApi: () => ({ ...app.swagger(), servers: SERVERS }) })) {
      routes.push(route);
      addRoute(inner, route, viewers);
    }
  });
  await app.ready();
  if (server === undefined) {
    throw new Error('the server library made no server');
  }
  return { server };
}

const DESCRIPTION =
  'All that the status page shows and does. Times are ISO 8601 in UTC. Errors are problems (RFC 9457). Event streams (text/event-stream) are described with their routes.';

const TEXT = z.string();
const NOTHING = z.null().meta({ description: 'Done' });

/** The library takes no relative ones. */
const SERVERS = [{ url: '..', description: 'Relative to this description, below any prefix of a path.' }];

/** JSON alone is taken, so no form of another web site can send anything. An empty body is none. */
function onlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(String(text)));
    } catch {
      done(new HttpProblem('bad-request', 'The body is no JSON.'));
    }
  });
}

function addRoute(app: FastifyInstance, route: Route, viewers: WeakMap<FastifyRequest, Viewer>): void {
  const { method, path, audience, cost = 1, summary, params, query, body, isStream, maxBody = MAX_BODY } = route;
  app.route({
    method: method === 'GET' && !isStream ? ['GET', 'HEAD'] : method,
    url: path,
    bodyLimit: maxBody,
    config: { audience, cost },
    schema: {
      ...(summary === undefined ? { hide: true } : { summary }),
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      ...(audience === 'anybody' ? {} : { security: [{ user: [] }, { token: [] }] }),
      response: {
        ...answersOf(route),
        default: { description: 'A problem', content: { 'application/problem+json': { schema: problemSchema } } },
      },
    },
    handler: async (request, reply) => {
      const viewer = viewers.get(request);
      if (viewer === undefined) {
        throw new Error('nobody let this request in');
      }
      return send(
        reply,
        await route.handle({ params: request.params, query: request.query, body: request.body, viewer }),
      );
    },
  });
}

/** What a path can be asked with; empty: there is nothing at it. */
function methodsAt(path: string, routes: readonly Route[]): string {
  const parts = path.split('/');
  const fits = (pattern: string): boolean => {
    const wanted = pattern.split('/');
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith(':') || part === parts[at]);
  };
  return routes.flatMap((route) => (route.path !== EVERYTHING && fits(route.path) ? [route.method] : [])).join(', ');
}

/** What comes back where all is well, for the description. */
function answersOf({ method, answer, answerType, isStream }: Route): object {
  if (answer !== undefined) {
    return { 200: answer };
  }
  const type = isStream === true ? 'text/event-stream' : answerType;
  return type === undefined && method !== 'GET'
    ? { 204: NOTHING }
    : { 200: { description: 'Text', content: { [type ?? 'text/plain']: { schema: TEXT } } } };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  if ('stream' in answer) {
    reply.hijack();
    answer.stream(reply.raw);
    return reply;
  }
  if ('parts' in answer) {
    return reply.headers(NO_STORE).type('application/json; charset=utf-8').send(Readable.from(answer.parts));
  }
  if ('content' in answer) {
    const { content, type, status = 200, etag, isLasting = false } = answer;
    if (etag === undefined) {
      reply.headers(NO_STORE);
    } else {
      reply.headers({ etag, 'cache-control': isLasting ? 'private, max-age=31536000, immutable' : 'no-cache' });
      if (isKnown(reply.request.headers['if-none-match'], etag)) {
        return reply.code(304).send();
      }
    }
    return reply.code(status).type(type).send(content);
  }
  reply.headers(NO_STORE);
  if (answer.json === undefined) {
    return reply.code(204).send();
  }
  return reply
    .code(answer.status ?? 200)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(answer.json));
}

function isKnown(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((each) => each.trim().replace(/^W\//, '') === etag) ?? false;
}

function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  return reply
    .headers({ ...SECURITY_HEADERS, ...NO_STORE })
    .headers(problem.headers as Record<string, string>)
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.details));
}

/** What came is no request, or came too slowly: the parser of Node.js has given it up, and with it the connection. */
function answerBroken({ code }: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title] =
    code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request'];
  const body = JSON.stringify({ type: 'about:blank', title, status, detail: title });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** What the library says of a request that it does not take, by its status. */
const BY_STATUS: Readonly<Record<number, ProblemName>> = { 413: 'too-large', 404: 'not-found' };

function problemOf(error: Error | FastifyError): HttpProblem {
  if (error instanceof HttpProblem) {
    return error;
  }
  const { validation, statusCode = 500 } = error as FastifyError;
  if (validation !== undefined) {
    const [where] = (error as FastifyError).validationContext?.match(/^querystring$/) ?? [];
    const words = validation.map(({ instancePath, message }) => {
      const name = instancePath.replaceAll('/', '.').slice(1);
      if (name === '' && `${message}`.startsWith('Invalid input: expected object')) {
        return 'The body must be an object in JSON, as api/openapi.json describes it.';
      }
      return name === '' ? `${message}` : `${name}: ${message}`;
    });
    return new HttpProblem(
      'bad-request',
      `${where === undefined ? '' : 'In the query: '}${words.join('; ').slice(0, 1_000)}`,
    );
  }
  if (statusCode === 415) {
    return new HttpProblem('media-type', 'Send JSON, with the header Content-Type: application/json.');
  }
  if (statusCode < 500) {
    return new HttpProblem(BY_STATUS[statusCode] ?? 'bad-request', error.message);
  }
  return new HttpProblem('defect', 'The answer could not be made; the log of the gateway says more.');
}
