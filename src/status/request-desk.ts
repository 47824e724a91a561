/**
 * Requests at `<prefix>/request/<what>`, JSON in and out: who the clients are, send one away, forget one, read the settings again, the level of the log.
 * Each gets one answer; what comes too fast gets none and is counted.
 */
import type { Millis } from '../ports/clock.ts';
import type { Note } from '../ports/observer.ts';
import type { GatewayOperator, Level, Operator } from '../ports/operator.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { ClientLooks } from './client-looks.ts';
import type { StatusHeard, StatusMessage } from './link-user.ts';
import { RateWindow } from './rate-window.ts';
import type { StatusTopics } from './status-topics.ts';

/** Octets of a request. */
const MAX_OCTETS = 8_192;

/** Requests a second. */
const MOST_A_SECOND = 20;

/** Of these, requests for a list: each looks through all clients. */
const MOST_LISTS_A_SECOND = 2;

/** Answers that wait to be said, and requests that are being carried out. */
const MOST_WAITING = 50;

/** Clients in one answer, and where no `limit` is given. */
const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 100;

/** Characters of `correlation`, written as JSON. */
const MAX_CORRELATION = 1_000;

/** Characters of a topic that a requester names. */
const MAX_TOPIC = 1_000;

/** Who has it done. */
const BY = 'MQTT';

const WHAT = /^[a-z][a-z-]{0,31}$/;
const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug', 'trace'];

/** What concerns the program around the gateway. */
export type StatusProgram = Pick<Operator, 'reload' | 'logLevel'>;

export interface RequestDeskParts {
  readonly topics: StatusTopics;
  readonly operator: Pick<GatewayOperator, 'disconnect' | 'forget'>;
  /** Undefined: those requests are answered with an error, for the gateway is embedded in a program that does nothing of that. */
  readonly program: () => StatusProgram | undefined;
  /** Whether the gateway says something at this topic. */
  readonly isOwn: (topic: string) => boolean;
  readonly sessions: Pick<Sessions, 'clientIds'>;
  readonly looks: ClientLooks;
  readonly tell: (note: Note) => void;
  /** An answer waits that did not when `heard` returned. */
  readonly answered: () => void;
}

/** What was asked, and how to answer. */
type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a request, in words. */
class RequestProblem extends Error {}

export class RequestDesk {
  readonly #parts: RequestDeskParts;
  readonly #rate = new RateWindow(MOST_A_SECOND, 1_000);
  readonly #lists = new RateWindow(MOST_LISTS_A_SECOND, 1_000);
  readonly #answers: StatusMessage[] = [];
  /** False: the broker has closed the connection on a topic of a requester's choice, and none is used any more. */
  #takesTheirs = true;
  #underWay = 0;
  #passedOver = 0;

  constructor(parts: RequestDeskParts) {
    this.#parts = parts;
  }

  /** The next answer; it stays until `take`. */
  get next(): StatusMessage | undefined {
    return this.#answers[0];
  }

  /** The next answer is on its way. */
  take(): void {
    this.#answers.shift();
  }

  /** The connection is gone, and with it whoever would hear them. */
  forgetAnswers(): void {
    this.#answers.length = 0;
  }

  /** The broker closes the connection on a topic that a requester has chosen: from now on all answers go to the gateway's own. */
  refuseTheirs(): void {
    this.#takesTheirs = false;
  }

  /** A message on a topic of requests. */
  heard(message: StatusHeard, what: string, now: Millis): void {
    if (message.retain) {
      this.#parts.tell({
        type: 'status-problem',
        reason: `a retained request is not carried out, for it would be again and again: ${message.topic}`,
      });
      return;
    }
    const rates = what === 'clients' ? [this.#rate, this.#lists] : [this.#rate];
    const isTooFast = rates.some(({ freeAt }) => freeAt > now);
    if (!WHAT.test(what) || isTooFast || this.#answers.length + this.#underWay >= MOST_WAITING) {
      this.#passedOver++;
      return;
    }
    for (const rate of rates) {
      rate.take(now);
    }
    const fields = fieldsOf(message.payload);
    const answer = (data: object): void => this.#answer(message, what, fields, data);
    try {
      if (fields instanceof RequestProblem) {
        throw fields;
      }
      const data = this.#carryOut(what, fields, now);
      if (!(data instanceof Promise)) {
        answer({ status: 'ok', data });
        return;
      }
      this.#underWay++;
      void data.then(
        (later) => this.#later(() => answer(later)),
        (error: unknown) => this.#later(() => answer({ status: 'error', error: textOf(error) })),
      );
    } catch (error) {
      answer({ status: 'error', error: textOf(error) });
    }
  }

  /** Tells how many were not answered since this was called last. */
  tellOfPassedOver(): void {
    const count = this.#passedOver;
    this.#passedOver = 0;
    if (count > 0) {
      const reason = `${count} requests were not answered: they came too fast, or ask for nothing that there is`;
      this.#parts.tell({ type: 'status-problem', reason });
    }
  }

  #later(answer: () => void): void {
    this.#underWay--;
    answer();
    this.#parts.answered();
  }

  #answer(message: StatusHeard, what: string, fields: Fields | RequestProblem, data: object): void {
    const correlation = fields instanceof RequestProblem ? undefined : fields.correlation;
    const isShort = correlation !== undefined && JSON.stringify(correlation).length <= MAX_CORRELATION;
    const { responseTopic, correlationData } = message;
    const isTheirs = responseTopic !== undefined && this.#takesTheirs && this.#mayAnswerAt(responseTopic);
    this.#answers.push({
      key: 'answer',
      topic: isTheirs ? responseTopic : this.#parts.topics.response(what),
      retain: false,
      alone: isTheirs,
      payload: new TextEncoder().encode(JSON.stringify({ ...data, ...(isShort && { correlation }) })),
      correlationData,
    });
  }

  /** Whether a topic can be published to, and is not one of the broker's own, nor one where the gateway says something else. */
  #mayAnswerAt(topic: string): boolean {
    const { topics, isOwn } = this.#parts;
    const isName =
      topic !== '' && topic.length <= MAX_TOPIC && !/^\$|[+#\p{Cc}\p{Noncharacter_Code_Point}]/u.test(topic);
    return isName && (topic.startsWith(topics.response('')) || !isOwn(topic));
  }

  #carryOut(what: string, fields: Fields, now: Millis): object | Promise<object> {
    switch (what) {
      case 'clients':
        return this.#clients(fields, now);
      case 'disconnect':
      case 'forget':
        return this.#act(what, clientIdIn(fields));
      case 'reload':
        return this.#reload();
      case 'log-level':
        return this.#logLevel(fields);
      default:
        throw new RequestProblem(
          `expected clients, disconnect, forget, reload or log-level, found ${JSON.stringify(what)}`,
        );
    }
  }

  async #act(what: 'disconnect' | 'forget', clientId: string): Promise<object> {
    const { operator, tell } = this.#parts;
    let isDone = true; // also where the disk does not take it
    try {
      isDone = await operator[what](clientId);
    } finally {
      if (isDone) {
        tell({ type: 'operator-acted', action: what, clientId, by: BY });
      }
    }
    if (!isDone) {
      throw new RequestProblem(
        what === 'forget' ? 'there is no session of this client' : 'this client is not connected and not asleep',
      );
    }
    return { status: 'ok', data: { clientId } };
  }

  #clients({ offset = 0, limit = DEFAULT_LIMIT }: Fields, now: Millis): object {
    const { sessions, looks } = this.#parts;
    const from = wholeNumberIn('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    const most = wholeNumberIn('limit', limit, 1, MAX_LIMIT);
    const clientIds = [...sessions.clientIds()].sort();
    const clients = clientIds.slice(from, from + most).flatMap((clientId) => looks.at(clientId, now)?.report ?? []);
    return { total: clientIds.length, offset: from, clients };
  }

  async #reload(): Promise<object> {
    const program = this.#parts.program();
    if (program === undefined) {
      throw new RequestProblem('the program around this gateway does not read its settings again');
    }
    this.#parts.tell({ type: 'operator-acted', action: 'reload', clientId: undefined, by: BY });
    const report = await program.reload();
    const { problems } = report;
    return problems.length === 0
      ? { status: 'ok', data: report }
      : { status: 'error', error: problems.join('\n'), data: report };
  }

  #logLevel({ level }: Fields): object {
    const program = this.#parts.program();
    if (program === undefined) {
      throw new RequestProblem('the program around this gateway has a log of its own');
    }
    if (level !== undefined) {
      const known = LEVELS.find((each) => each === level);
      if (known === undefined) {
        throw new RequestProblem(`level: expected one of ${LEVELS.join(', ')}, found ${shown(level)}`);
      }
      program.logLevel = known;
      this.#parts.tell({ type: 'operator-acted', action: 'log-level', clientId: undefined, by: BY });
    }
    return { level: program.logLevel };
  }
}

function fieldsOf(payload: Uint8Array): Fields | RequestProblem {
  if (payload.length > MAX_OCTETS) {
    return new RequestProblem(`expected at most ${MAX_OCTETS} octets, found ${payload.length}`);
  }
  if (payload.length === 0) {
    return {};
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
  } catch {
    // said below
  }
  return new RequestProblem('expected a JSON object, such as {"clientId":"sensor-7"}');
}

function clientIdIn({ clientId }: Fields): string {
  if (typeof clientId !== 'string' || clientId === '') {
    throw new RequestProblem(`clientId: expected a text, found ${shown(clientId)}`);
  }
  return clientId;
}

function wholeNumberIn(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new RequestProblem(`${name}: expected a whole number from ${min} to ${max}, found ${shown(value)}`);
  }
  return value;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
