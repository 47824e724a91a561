/** The clients: their list, each of them, and what may be done to them. */
import type { Operator } from '../../ports/operator.ts';
import type { SessionView } from '../../ports/sessions.ts';
import type { ClientDetail, ClientItem } from '../api-contract.ts';
import { HttpProblem } from '../http-problem.ts';
import type { ClientList, ClientPage } from '../model/client-list.ts';
import { type ClientTraces, noSuchClient } from '../model/client-traces.ts';
import { isoTime } from '../model/wall-clock.ts';
import { type Route, route, type Viewer } from '../route.ts';
import {
  clientDetailSchema,
  clientIdQuerySchema,
  clientPageSchema,
  clientParamsSchema,
  clientQuerySchema,
  traceAnswerSchema,
  traceRequestSchema,
} from '../schemas.ts';

export interface ClientRoutesParts {
  readonly list: ClientList;
  readonly traces: ClientTraces;
  readonly operator: Pick<Operator, 'disconnect' | 'forget'>;
  /** As they are told. */
  items(views: readonly SessionView[]): readonly ClientItem[];
  /** Undefined: it has no session. */
  client(clientId: string): ClientDetail | undefined;
  /** Somebody did something. */
  acted(action: 'disconnect' | 'forget' | 'trace', clientId: string, viewer: Viewer): void;
}

const PATH = '/api/v1/clients/:clientId';

/** Rows of a list that are made into text without a pause. */
const ROWS = 200;

export function clientRoutes({ list, traces, operator, items, client, acted }: ClientRoutesParts): readonly Route[] {
  /** Answers when it is done for good; what is done and may not last is told by a problem, and was done by somebody all the same. */
  const done = async (action: 'disconnect' | 'forget', clientId: string, viewer: Viewer): Promise<boolean> => {
    let isDone = true;
    try {
      isDone = await operator[action](clientId);
      return isDone;
    } catch (error) {
      throw new HttpProblem('not-possible', error instanceof Error ? error.message : String(error));
    } finally {
      if (isDone) {
        acted(action, clientId, viewer);
      }
    }
  };
  const ofClient = { params: clientParamsSchema, query: clientIdQuerySchema };
  return [
    route({
      method: 'GET',
      path: '/api/v1/clients',
      audience: 'viewers',
      summary: 'Clients that fit a query',
      cost: 10,
      query: clientQuerySchema,
      answer: clientPageSchema,
      handle: async ({ query }) => ({ parts: partsOf(await list.page(query), items) }),
    }),
    route({
      ...ofClient,
      method: 'GET',
      path: PATH,
      audience: 'viewers',
      summary: 'One client',
      answer: clientDetailSchema,
      handle: (asked) => {
        const clientId = idIn(asked);
        const detail = client(clientId);
        if (detail === undefined) {
          throw noSuchClient(clientId);
        }
        return { json: detail };
      },
    }),
    route({
      ...ofClient,
      method: 'DELETE',
      path: PATH,
      audience: 'operators',
      summary: 'Forget the session of a client, here and at the broker',
      handle: async (asked) => {
        const clientId = idIn(asked);
        if (!(await done('forget', clientId, asked.viewer))) {
          throw noSuchClient(clientId);
        }
        return { json: undefined };
      },
    }),
    route({
      ...ofClient,
      method: 'POST',
      path: `${PATH}/disconnect`,
      audience: 'operators',
      summary: 'Send a client away; its session stays',
      handle: async (asked) => {
        const clientId = idIn(asked);
        if (!(await done('disconnect', clientId, asked.viewer))) {
          throw client(clientId) === undefined
            ? noSuchClient(clientId)
            : new HttpProblem(
                'conflict',
                `The client ${JSON.stringify(clientId)} is not connected, and does not sleep.`,
              );
        }
        return { json: undefined };
      },
    }),
    route({
      ...ofClient,
      method: 'POST',
      path: `${PATH}/trace`,
      audience: 'operators',
      summary: 'Show the frames of a client for so many seconds',
      body: traceRequestSchema,
      answer: traceAnswerSchema,
      handle: (asked) => {
        const clientId = idIn(asked);
        const { seconds, untilLeft = false } = asked.body;
        const until = traces.start(clientId, seconds * 1_000, untilLeft);
        acted('trace', clientId, asked.viewer);
        return { json: { traceUntil: isoTime(until) } };
      },
    }),
    route({
      ...ofClient,
      method: 'DELETE',
      path: `${PATH}/trace`,
      audience: 'operators',
      summary: 'Show no more frames of a client',
      handle: (asked) => {
        traces.stop(idIn(asked));
        return { json: undefined };
      },
    }),
    route({
      ...ofClient,
      method: 'GET',
      isStream: true,
      path: `${PATH}/trace`,
      audience: 'operators',
      summary: 'Event stream: frame, missed (frames that were too many), end',
      handle: (asked) => ({ stream: traces.admit(idIn(asked), asked.viewer) }),
    }),
  ];
}

function idIn({ params, query }: { params: { clientId: string }; query: { clientId?: string | undefined } }): string {
  return query.clientId ?? params.clientId;
}

/** A page as JSON, some rows at a time: each part is made when the one before it has been taken. */
async function* partsOf({ total, views }: ClientPage, items: ClientRoutesParts['items']): AsyncIterable<string> {
  yield `{"total":${total},"items":[`;
  for (let at = 0; at < views.length; at += ROWS) {
    const rows = JSON.stringify(items(views.slice(at, at + ROWS))).slice(1, -1);
    yield at === 0 ? rows : `,${rows}`;
  }
  yield ']}';
}
