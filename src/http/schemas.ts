/** What the API says and hears, as schemas: for the checks of requests, and for the description (OpenAPI). The types are those of the contract. */
import * as z from 'zod';
import type {
  ClientDetail,
  ClientItem,
  History,
  Incident,
  Overview,
  PublishRequest,
  ReloadAnswer,
  Topics,
  TransportItem,
} from './api-contract.ts';
import { CLIENT_SORTS, CLIENT_STATES } from './model/client-list.ts';

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const count = z.int().min(0);
const qos = z.literal([0, 1, 2]);
const state = z.enum(CLIENT_STATES);

const transportSchema: z.ZodType<TransportItem> = z
  .strictObject({
    name: z.string().meta({ description: 'As in links.' }),
    type: z.enum(['udp', 'dtls', 'serial', 'xbee', 'module']),
    address: z.string().meta({ description: 'Bound address, or device.' }),
    state: z.enum(['up', 'down']),
    since: time,
    reason: z.string().nullable().meta({ description: 'Why it is down, or its last problem while it is up.' }),
    problems: count,
    framesReceived: count,
    octetsReceived: count,
    framesSent: count,
    octetsSent: count,
  })
  .meta({ id: 'Transport' });

export const overviewSchema: z.ZodType<Overview> = z
  .strictObject({
    version: z.string(),
    gwId: z.int().min(0).max(255),
    startedAt: time,
    uptime: count.meta({ description: 'Seconds.' }),
    broker: z.strictObject({
      url: z.string().meta({ description: 'Without credentials.' }),
      embedded: z.boolean(),
      mode: z.enum(['transparent', 'aggregating']),
      state: z.enum(['connecting', 'reachable', 'unreachable']),
      since: time,
      reason: z.string().nullable(),
    }),
    transports: z.array(transportSchema),
    clients: z.strictObject({
      active: count,
      asleep: count,
      awake: count,
      lost: count,
      disconnected: count,
      total: count,
    }),
    rates: z
      .strictObject({ up: z.number().min(0), down: z.number().min(0) })
      .meta({ description: 'Messages a second in the last seconds, from clients (up) and to clients (down).' }),
    queue: z.strictObject({ messages: count, octets: count }),
    dropped: z
      .strictObject({
        up: count,
        down: count,
        reasons: z
          .array(
            z.strictObject({
              direction: z.enum(['up', 'down']),
              qos: z.union([z.literal(-1), z.literal(0), z.literal(1), z.literal(2)]),
              reason: z.string(),
              count,
            }),
          )
          .meta({ description: 'At most 10, the most frequent first.' }),
      })
      .meta({
        description: 'Messages from clients (up) and to clients (down) that were dropped since the start, and why.',
      }),
    eventLoopDelay: z.number().min(0).meta({ description: 'Milliseconds, the longest of the last second.' }),
    access: z.enum(['read', 'all']),
    accessHint: z.string().nullable().meta({ description: 'With access read: the setting to make.' }),
    needsRestart: z.array(z.string()).meta({ description: 'Settings that have changed and need a restart.' }),
  })
  .meta({ id: 'Overview' });

const numbers = z.array(z.number());

export const historySchema: z.ZodType<History> = z
  .strictObject({
    time: numbers.meta({ description: 'Seconds since 1970, oldest first.' }),
    up: numbers.meta({ description: 'Messages a second from clients.' }),
    down: numbers.meta({ description: 'Messages a second to clients.' }),
    clients: numbers,
    eventLoopDelay: numbers.meta({ description: 'Milliseconds, the longest of ten seconds.' }),
    queued: numbers.meta({ description: 'Messages.' }),
  })
  .meta({ id: 'History', description: 'The last hour, one entry for ten seconds.' });

export const incidentSchema: z.ZodType<Incident> = z
  .strictObject({
    time,
    level: z.enum(['error', 'warn', 'info']),
    event: z.string().meta({ description: 'Stable name, as in the log.' }),
    text: z.string().meta({ description: 'In words, as in the log.' }),
    clientId: z.string().nullable(),
    link: z.string().nullable(),
  })
  .meta({ id: 'Incident' });

const itemShape = {
  clientId: z.string(),
  state,
  since: time,
  transport: z.string(),
  link: z.string().meta({ description: 'Radio address, with the wireless node id behind a forwarder.' }),
  address: z
    .string()
    .meta({ description: 'What the transport calls it: with DTLS it is where the client was when it connected.' }),
  identity: z
    .string()
    .nullable()
    .meta({ description: 'To which the session belongs, such as that of its pre-shared key; null: to none.' }),
  connection: z.enum(['own', 'shared']).nullable().meta({
    description: 'To the broker, where clients share one: its own, or that; null: the mode is transparent.',
  }),
  lastSeen: time,
  sleepUntil: time.nullable(),
  published: count,
  delivered: count,
  dropped: count,
  waiting: count,
  rssi: z.number().nullable().meta({ description: 'dBm of the last hop; null: the radio does not tell.' }),
  lastTopic: z.string().nullable(),
  lastOctets: count.nullable().meta({ description: 'Octets of the payload.' }),
};

export const clientSchema: z.ZodType<ClientItem> = z.strictObject(itemShape).meta({ id: 'Client' });

export const clientPageSchema = z.strictObject({
  total: count.meta({ description: 'How many fit the query.' }),
  items: z.array(clientSchema),
});

export const clientDetailSchema: z.ZodType<ClientDetail> = z
  .strictObject({
    ...itemShape,
    accessRule: z.string().nullable().meta({
      description: 'What decides what it may do; null: it may do everything, or has not come since the start.',
    }),
    cleanSession: z.boolean(),
    keepAlive: z.number().min(0).meta({ description: 'Seconds; 0: none.' }),
    inFlight: count,
    willTopic: z.string().nullable(),
    topicIds: z.array(z.strictObject({ topicId: count, topicName: z.string(), known: z.boolean() })),
    subscriptions: z.array(z.strictObject({ filter: z.string(), qos })),
    waitingMessages: z
      .array(z.strictObject({ topic: z.string(), qos, octets: count, since: time.nullable() }))
      .meta({ description: 'The first 20 of what waits for it in the gateway, in their order.' }),
    history: z
      .array(z.strictObject({ time, state: z.string(), reason: z.string().nullable() }))
      .meta({ description: 'Newest first, at most 20.' }),
    refusals: z
      .array(z.strictObject({ time, text: z.string(), topic: z.string().nullable(), count }))
      .meta({ description: 'What was refused to it, or given up; newest first, at most 10. count: in a row.' }),
    traceUntil: time.nullable().meta({ description: 'Frames are shown until then; null: no trace.' }),
  })
  .meta({ id: 'ClientDetail' });

export const topicsSchema: z.ZodType<Topics> = z
  .strictObject({
    predefined: z.array(
      z.strictObject({
        clientId: z.string().meta({ description: 'Client id, or *.' }),
        topicId: count,
        topicName: z.string(),
        usedBy: z.string().nullable(),
        usedAt: time.nullable(),
      }),
    ),
    predefinedMore: count,
    unknown: z
      .array(
        z.strictObject({
          clientId: z.string().nullable(),
          link: z.string(),
          topicId: count,
          count: count,
          lastSeen: time,
        }),
      )
      .meta({ description: 'Pre-defined ids that clients used and nobody has defined.' }),
    short: z.array(z.strictObject({ topicName: z.string(), usedBy: z.string(), usedAt: time })),
    registered: z.array(z.strictObject({ clientId: z.string(), topicId: count, topicName: z.string() })),
    registeredMore: count,
  })
  .meta({ id: 'Topics' });

/** A number in a query. */
const queryNumber = (least: number, most: number, usual: number) =>
  z
    .stringFormat('number', /^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .default(usual);

export const clientQuerySchema = z.strictObject({
  search: z.string().max(200).default('').meta({ description: 'Words in client id, address, identity or last topic.' }),
  state: z.enum(['', ...CLIENT_STATES]).default(''),
  transport: z.string().max(200).default(''),
  sort: z.enum(CLIENT_SORTS).default('clientId'),
  order: z.enum(['asc', 'desc']).default('asc'),
  offset: queryNumber(0, 999_999_999, 0),
  limit: queryNumber(1, 10_000, 100),
});

export const clientParamsSchema = z.strictObject({
  clientId: z.string().meta({ description: 'Percent-encoded. For the ids . and .. see the query.' }),
});

/** All of a path. */
export const pathSchema = z.strictObject({ '*': z.string() });

/** A browser takes `.` and `..` out of every path, however they are written. */
export const clientIdQuerySchema = z.strictObject({
  clientId: z
    .string()
    .optional()
    .meta({ description: 'Comes before the one in the path: for ids that a path cannot have.' }),
});

export const traceRequestSchema = z.strictObject({
  seconds: z.int().min(1).max(600),
  untilLeft: z.boolean().optional().meta({
    description: 'It ends when the last viewer has left, unless somebody else has asked for it without that.',
  }),
});
export const traceAnswerSchema = z.strictObject({ traceUntil: time });

/** Octets of a payload that is published from here; text of as many characters has at most four times as many. */
export const MAX_PAYLOAD = 65_535;

export const publishSchema: z.ZodType<PublishRequest> = z
  .strictObject({
    topic: z.string().min(1).max(65_535),
    clientId: z.string().exactOptional().meta({
      description: 'The topic is as this client has it, without its mount point. Left out: as the broker has it.',
    }),
    payload: z.string().max(MAX_PAYLOAD).exactOptional().meta({ description: 'Text.' }),
    payloadBase64: z.base64().max(90_000).exactOptional().meta({ description: 'Octets; in place of payload.' }),
    qos: qos.exactOptional().meta({ description: '0 unless told.' }),
    retain: z.boolean().exactOptional(),
  })
  .meta({ id: 'Publish' });

export const logLevelSchema = z.strictObject({ level: z.enum(['error', 'warn', 'info', 'debug', 'trace']) });

export const reloadSchema: z.ZodType<ReloadAnswer> = z
  .strictObject({ changed: z.array(z.string()), needsRestart: z.array(z.string()), problems: z.array(z.string()) })
  .meta({ id: 'Reload' });
