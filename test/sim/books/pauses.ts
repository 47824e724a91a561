/**
 * The books of the pauses between connections (3.5 item 1): they grow until a connection has lasted a minute, one rule for the clients'
 * connections and the gateway's own. Earlier comes only what the client asks for, what the own connection's return brings forward, once for
 * each outage, and the attempt that decides at the end of a grace time, the client's or the own connection's (I-41). Times in milliseconds of virtual time.
 */
import type { Message } from '../../../src/codec/message.ts';
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import { OWN } from '../wire.ts';
import type { Findings } from './findings.ts';
import { isOtherReason } from './loss-reasons.ts';
import { type Line, newLine } from './pause-line.ts';
import { Settling } from './settling.ts';
import { Wakings } from './wakings.ts';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
const LASTING = 60_000;

/** Of a pause, for jitter. */
const JITTER = 0.5;

/** The own connection is tried so soon where somebody waits who must not wait long. */
const URGENT = 5_000;

/** For so long publishes are tried after a break that one of them may have caused (I-72). */
const TRIED = 600_000;

/** Its clock goes on by a second with each standstill: so much more it may have counted by then. */
const STANDSTILLS = 10_000;

/** Of the own connection, at the end of a grace time. */
const SHORTEST_PAUSE = 1_000;

/** The clock of a timer and that of the run may differ by so much. */
const ROUNDING = 2;

const CONNECTING: ReadonlySet<string> = new Set(['CONNECT', 'WILLTOPIC', 'WILLMSG']);

export interface PausesParts {
  readonly findings: Findings;
  readonly now: () => number;
  /** For how long the gateway has run, pauses taken off. */
  readonly running: () => number;
  readonly grace: number;
  /** Whether what the gateway does for a client may have waited for the disk. */
  readonly isHeld: () => boolean;
  /** Clients may be there that wait for the end of a session of before at the broker (I-158): their grace times count from then. */
  readonly mayWaitForEnds?: boolean;
}

export class Pauses {
  readonly #parts: PausesParts;
  #lines = new Map<string, Line>();
  readonly #ending = new Set<number>();
  #clientIds = new Map<number, string>();
  /** Client ids of the last CONNECT, by link. */
  readonly #askedBy = new Map<string, string>();
  /** Publishes that went out on the own connection, how many of them an answer has vouched for, and what each PINGREQ will (I-72). */
  #written = 0;
  #proven = 0;
  readonly #questions: number[] = [];
  readonly #wakings = new Wakings();
  /** When the own connection fell last with publishes out. */
  #felledAt = Number.NEGATIVE_INFINITY;
  /** By the running time of the gateway. */
  #triedUntil = Number.NEGATIVE_INFINITY;
  /** The broker has answered a PINGREQ on the own connection. */
  #hasPonged = false;
  readonly #settling: Settling;

  constructor(parts: PausesParts) {
    this.#parts = parts;
    this.#settling = new Settling(parts);
  }

  gatewayStarted(): void {
    this.#lines = new Map();
    this.#ending.clear();
    this.#clientIds = new Map();
    this.#settling.gatewayStarted();
    this.#triedUntil = Number.NEGATIVE_INFINITY;
  }

  /** The gateway handles a frame: what may lead to a connection (6.2) is the wish of the client, a stranger perhaps. */
  handled(link: string, message: Message | undefined): void {
    if (message?.type === 'CONNECT') {
      this.#askedBy.set(link, String(message.clientId));
    }
    const clientId = this.#askedBy.get(link);
    this.#wakings.handled(message, link, clientId, this.#parts.now());
    if (clientId !== undefined && message !== undefined && CONNECTING.has(message.type)) {
      this.asks(clientId);
    }
  }

  /** Whatever comes next for a client id is no repetition. */
  asks(clientId: string): void {
    const line = this.#lines.get(clientId);
    if (line !== undefined) {
      line.endedAt = undefined;
      line.fails = 0;
      line.isAsked = true;
    }
  }

  /** Whether an attempt for a client has failed since its connection broke, and the pause before the next one is not over. */
  isPausing(clientId: string): boolean {
    const line = this.#lines.get(clientId);
    if (line?.endedAt === undefined || !line.failed || line.stoodAt !== undefined) {
      return false;
    }
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (line.mostFails - 1));
    return this.#parts.now() - line.endedAt <= longest + ROUNDING;
  }

  /** When the own connection fell last with publishes out, which one of them may have done. */
  get felledAt(): number {
    return this.#felledAt;
  }

  emitted(clientId: string, effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect') {
      this.#connects(clientId, effect.connection);
      if (effect.endsSession && this.#parts.mayWaitForEnds) {
        this.#ending.add(effect.connection);
      }
    } else if (effect.type === 'upstream-publish' && clientId === OWN) {
      this.#written++;
    } else if (effect.type === 'upstream-ping' && clientId === OWN) {
      this.#questions.push(this.#written);
    } else if (effect.type === 'upstream-close') {
      this.#clientIds.delete(effect.connection);
      this.#closes(clientId, this.#ending.delete(effect.connection));
    }
  }

  #closes(clientId: string, endsSession: boolean): void {
    const line = this.#lines.get(clientId);
    if (line !== undefined) {
      line.goneAt = endsSession ? this.#parts.now() : undefined;
      line.goneRunning = this.#parts.running();
      line.stoodAt = undefined;
      this.#ended();
    }
    this.asks(clientId);
  }

  #connects(clientId: string, connection: number): void {
    const known = this.#lines.get(clientId);
    const line = known ?? newLine(connection, this.#parts.now());
    this.#lines.set(clientId, line);
    this.#clientIds.set(connection, clientId);
    line.connection = connection;
    line.stoodAt = undefined;
    const before = { begunAt: line.begunAt, wasAsked: line.wasAsked };
    line.wasAsked = line.isAsked || known === undefined;
    line.isAsked = false;
    line.begunAt = this.#parts.now();
    if (line.endedAt === undefined) {
      return;
    }
    const pause = this.#parts.now() - line.endedAt;
    const fails = line.felled || line.fellFirst ? 1 : line.fails;
    const due = JITTER * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (fails - 1));
    if (pause >= due - ROUNDING || this.#mayBeEarlier(clientId, line, line.endedAt, before)) {
      return;
    }
    this.#parts.findings.object(
      'connection-storm',
      `${clientId} is connected again after ${pause / 1000} s, ${line.fails} times in a row without one that lasted: ${due / 1000} s at least`,
    );
  }

  /** `before`: of the attempt before. */
  #mayBeEarlier(
    clientId: string,
    line: Line,
    endedAt: number,
    before: { readonly begunAt: number; readonly wasAsked: boolean },
  ): boolean {
    const now = this.#parts.now();
    if (clientId === OWN) {
      return now - endedAt >= URGENT - ROUNDING || this.#isGraceOver(now) || this.#wakings.takeOne(now);
    }
    if (this.#parts.isHeld()) {
      return true; // decided earlier
    }
    if (this.#settling.brings(line)) {
      return true;
    }
    if (line.goneAt !== undefined && now - line.goneAt >= this.#parts.grace - ROUNDING) {
      line.goneAt = Number.POSITIVE_INFINITY; // if it fails the client is sent away
      return true;
    }
    const { begunAt, wasAsked } = before;
    const { stoodAt = begunAt } = this.#lines.get(OWN) ?? {};
    const isBack = Math.max(stoodAt, this.#settling.foundAt) > begunAt; // that one did not decide: it is from before the broker's return
    return isBack && (line.goneAt === Number.POSITIVE_INFINITY || wasAsked); // I-41, I-2
  }

  /**
   * Whether a client's grace time is over: one attempt of the own connection for all of them, once. Where it may not have been over yet for the
   * gateway, by a millisecond or what a pause takes off, the attempt that another one has brought about does not answer it.
   */
  #isGraceOver(now: number): boolean {
    const { grace } = this.#parts;
    const running = this.#parts.running();
    const over = [...this.#lines]
      .filter(([clientId, { goneAt, answeredGoneAt }]) => clientId !== OWN && goneAt !== answeredGoneAt)
      .flatMap(([, line]) => (line.goneAt === undefined ? [] : [{ line, goneAt: line.goneAt }]))
      .filter(({ goneAt }) => now - goneAt >= grace - ROUNDING)
      .sort((a, b) => a.goneAt - b.goneAt);
    for (const [index, { line, goneAt }] of over.entries()) {
      if (index === 0 || running - line.goneRunning >= grace + ROUNDING) {
        line.answeredGoneAt = goneAt;
      }
    }
    const overdue = [...this.#lines.values()].filter(({ overdueUntil }) => overdueUntil >= now);
    for (const line of overdue) {
      line.overdueUntil = 0;
    }
    return over.length > 0 || overdue.length > 0;
  }

  heard(input: UpstreamInput): void {
    const clientId = this.#clientIds.get(input.connection);
    const line = clientId === undefined ? undefined : this.#lines.get(clientId);
    if (line === undefined || line.connection !== input.connection) {
      return;
    }
    const now = this.#parts.now();
    if (input.type === 'upstream-ponged' && clientId === OWN) {
      this.#proven = this.#questions.shift() ?? this.#proven;
      this.#hasPonged = true;
    } else if (input.type === 'upstream-connected') {
      if (clientId !== OWN && this.#isAway) {
        this.#settling.found('client');
      }
      line.stoodAt = now;
      if (clientId !== undefined && line.wasAsked) {
        this.#wakings.isBack(clientId);
      }
      if (clientId === OWN) {
        this.#written = 0;
        this.#proven = 0;
        this.#questions.length = 0;
        this.#hasPonged = false;
        this.#settling.found('own');
      }
    } else if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
      this.#clientIds.delete(input.connection);
      const mayBeFelled = clientId === OWN && line.stoodAt !== undefined && this.#written > this.#proven;
      this.#felledAt = mayBeFelled ? now : this.#felledAt;
      line.felled = mayBeFelled && this.#hasPonged;
      line.fellFirst = mayBeFelled && !isOtherReason(input) && this.#parts.running() >= this.#triedUntil - STANDSTILLS;
      if (mayBeFelled && !isOtherReason(input)) {
        this.#triedUntil = this.#parts.running() + TRIED;
      }
      this.#ends(clientId === OWN, input.type === 'upstream-refused', line);
    }
  }

  /** No connection stands. */
  get #isAway(): boolean {
    return [...this.#lines.values()].every(({ stoodAt }) => stoodAt === undefined);
  }

  #ended(): void {
    if (this.#isAway) {
      this.#settling.away();
    }
  }

  #ends(own: boolean, refused: boolean, line: Line): void {
    const now = this.#parts.now();
    if (line.stoodAt !== undefined || line.goneAt === undefined) {
      const { goneAt = now, answeredGoneAt } = line;
      if (!own && goneAt !== answeredGoneAt && now - goneAt >= this.#parts.grace - ROUNDING) {
        line.overdueUntil = now + SHORTEST_PAUSE;
      }
      line.goneAt = now;
      line.goneRunning = this.#parts.running();
    }
    if (line.stoodAt !== undefined) {
      if (now - line.stoodAt >= LASTING) {
        line.fails = 0;
        line.mostFails = 0;
        if (own) {
          this.#settling.lasted();
        }
      }
    }
    if (own && (line.stoodAt !== undefined || refused)) {
      this.#settling.found('own'); // no witness perhaps, but the broker is there (I-40)
    }
    line.failed = line.stoodAt === undefined;
    line.stoodAt = undefined;
    this.#ended();
    line.fails += line.felled ? 0 : 1; // I-72: no publish makes the pauses of the own connection grow
    line.mostFails++;
    line.endedAt = line.isAsked ? undefined : now;
    line.endedRunning = this.#parts.running();
  }
}
