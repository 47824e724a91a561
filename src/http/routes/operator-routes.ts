/** Topics, and what an operator may have the gateway do. */
import type { Operator } from '../../ports/operator.ts';
import type { PublishRequest, Topics } from '../api-contract.ts';
import { HttpProblem } from '../http-problem.ts';
import { type Route, route, type Viewer } from '../route.ts';
import { logLevelSchema, MAX_PAYLOAD, publishSchema, reloadSchema, topicsSchema } from '../schemas.ts';

export interface OperatorRoutesParts {
  topics(): Promise<Topics>;
  readonly operator: Pick<Operator, 'publish' | 'reload' | 'logLevel'>;
  /** Somebody did something. */
  acted(action: 'publish' | 'reload' | 'log-level', viewer: Viewer, clientId?: string): void;
}

/** A payload of the greatest size in base64 or in escaped text, its topic, and what is around them. */
const MAX_PUBLISH = 1_048_576;

export function operatorRoutes({ topics, operator, acted }: OperatorRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/topics',
      audience: 'viewers',
      summary: 'Topics: pre-defined, unknown, short, given out',
      cost: 10,
      answer: topicsSchema,
      handle: async () => ({ json: await topics() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/publish',
      audience: 'operators',
      summary: 'Publish at the broker, as the gateway',
      body: publishSchema,
      maxBody: MAX_PUBLISH,
      handle: async ({ body, viewer }) => {
        const { topic, clientId, qos = 0, retain = false } = body;
        const message = { topic, payload: payloadOf(body), qos, retain, ...(clientId !== undefined && { clientId }) };
        acted('publish', viewer, clientId);
        await operator.publish(message).catch((error: unknown) => {
          throw new HttpProblem('not-possible', error instanceof Error ? error.message : String(error));
        });
        return { json: undefined };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/reload',
      audience: 'operators',
      summary: 'Read settings, topics, permissions and keys again',
      answer: reloadSchema,
      handle: async ({ viewer }) => {
        acted('reload', viewer);
        const { changed, needsRestart, problems } = await operator.reload();
        return { json: { changed, needsRestart, problems } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/log-level',
      audience: 'viewers',
      summary: 'Level of the log',
      answer: logLevelSchema,
      handle: () => ({ json: { level: operator.logLevel } }),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/log-level',
      audience: 'operators',
      summary: 'Set the level of the log until the next start',
      body: logLevelSchema,
      answer: logLevelSchema,
      handle: ({ body, viewer }) => {
        acted('log-level', viewer);
        operator.logLevel = body.level;
        return { json: { level: operator.logLevel } };
      },
    }),
  ];
}

function payloadOf({ payload, payloadBase64 }: PublishRequest): Uint8Array {
  if (payload !== undefined && payloadBase64 !== undefined) {
    throw new HttpProblem('bad-request', 'expected payload or payloadBase64, found both');
  }
  const octets = payloadBase64 === undefined ? Buffer.from(payload ?? '') : Buffer.from(payloadBase64, 'base64');
  if (octets.length > MAX_PAYLOAD) {
    throw new HttpProblem('too-large', `A payload may have ${MAX_PAYLOAD} octets, this one has ${octets.length}.`);
  }
  return octets;
}
