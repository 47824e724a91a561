/** How the gateway is, and what happened lately. */
import * as z from 'zod';
import type { History, Incident, Overview } from '../api-contract.ts';
import { LIVE_EVENTS, type LiveEvent, type LiveEvents } from '../events/live-events.ts';
import { HttpProblem } from '../http-problem.ts';
import { type Route, route } from '../route.ts';
import { historySchema, incidentSchema, overviewSchema } from '../schemas.ts';

export interface OverviewRoutesParts {
  overview(): Overview;
  history(): History;
  recentIncidents(): readonly Incident[];
  readonly events: LiveEvents;
}

const eventsQuerySchema = z.strictObject({
  events: z
    .string()
    .max(200)
    .optional()
    .meta({ description: `Names with commas, of ${LIVE_EVENTS.join(', ')}; left out: all.` }),
});

export function overviewRoutes({ overview, history, recentIncidents, events }: OverviewRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/overview',
      audience: 'viewers',
      summary: 'How the gateway is',
      answer: overviewSchema,
      handle: () => ({ json: overview() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/history',
      audience: 'viewers',
      summary: 'The last hour',
      answer: historySchema,
      handle: () => ({ json: history() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/events/recent',
      audience: 'viewers',
      summary: 'The last refusals and errors, newest first',
      answer: z.array(incidentSchema),
      handle: () => ({ json: recentIncidents() }),
    }),
    route({
      method: 'GET',
      isStream: true,
      path: '/api/v1/events',
      audience: 'viewers',
      summary: 'Event stream: overview each second, incident, clients (what has changed)',
      query: eventsQuerySchema,
      handle: ({ query, viewer }) => ({ stream: events.admit(viewer, wantedIn(query.events)) }),
    }),
  ];
}

function wantedIn(names: string | undefined): ReadonlySet<LiveEvent> {
  const written = names === undefined ? LIVE_EVENTS : names.split(',').filter((name) => name !== '');
  const wanted = LIVE_EVENTS.filter((event) => written.includes(event));
  const unknown = written.filter((name) => !LIVE_EVENTS.some((event) => event === name));
  if (unknown.length > 0 || wanted.length === 0) {
    const found = unknown.length > 0 ? unknown.join(', ') : 'none';
    throw new HttpProblem(
      'bad-request',
      `In the query: events: expected some of ${LIVE_EVENTS.join(', ')}, found ${found}`,
    );
  }
  return new Set(wanted);
}
