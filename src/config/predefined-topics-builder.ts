/** Collects pre-defined topic ids and what is wrong with them; the same rules for every form of file. */
import { type NameRule, topicNameProblem } from '../core/topics/topic-name.ts';
import { ProblemList } from './problem-list.ts';
import type { Place } from './yaml-source.ts';

const LAST_ID = 65_534;

/** Topics of one file: 25 for each of the most sessions that a gateway has unless told. */
const MOST_TOPICS = 250_000;

/** More problems of one file are counted only. */
const MOST_PROBLEMS = 20;

/** A part of the file with its place. */
export interface Written extends Place {
  readonly text: string;
}

/** One pre-defined topic as it is written. */
export interface Entry {
  readonly clientId: Written;
  readonly topicId: Written;
  readonly topicName: Written;
}

export class PredefinedTopicsBuilder {
  readonly topics = new Map<string, Map<number, string>>();
  readonly problems = new ProblemList(MOST_PROBLEMS);
  readonly #source: string;
  readonly #names: NameRule;
  readonly #lines = new Map<string, number>();
  #isFull = false;

  /** `source` stands for the file in problems; `names`: which characters the topic names may have. */
  constructor(source: string, names: NameRule = 'strict') {
    this.#source = source;
    this.#names = names;
  }

  /** Name of the file in problems. */
  get source(): string {
    return this.#source;
  }

  /** Adds one topic, or the reasons why not. */
  add({ clientId, topicId, topicName }: Entry): void {
    if (this.#lines.size >= MOST_TOPICS) {
      this.#tooMany(topicId);
      return;
    }
    const before = this.problems.count;
    if (clientId.text === '') {
      this.report(clientId, 'a client id must not be empty (* stands for every client)');
    }
    const id = idOf(topicId.text);
    if (id === undefined) {
      this.report(topicId, `expected a topic id from 1 to ${LAST_ID}, found ${JSON.stringify(topicId.text)}`);
    } else {
      this.#checkDuplicate(clientId.text, id, topicId);
    }
    const nameProblem = topicNameProblem(topicName.text, this.#names);
    if (nameProblem !== undefined) {
      this.report(topicName, nameProblem);
    }
    if (id === undefined || this.problems.count > before) {
      return;
    }
    const topics = this.topics.get(clientId.text) ?? new Map<number, string>();
    this.topics.set(clientId.text, topics.set(id, topicName.text));
  }

  /** Notes a problem at a place of the file. */
  report({ line, column }: Place, message: string): void {
    this.problems.add({ source: this.#source, line, column, message });
  }

  #tooMany(place: Place): void {
    if (!this.#isFull) {
      this.#isFull = true;
      this.report(place, `a file may have ${MOST_TOPICS} topic ids at most; the rest is not looked at`);
    }
  }

  #checkDuplicate(clientId: string, id: number, place: Place): void {
    const key = `${id} ${clientId}`;
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, place.line);
    } else {
      this.report(
        place,
        `topic id ${id} of ${clientId === '*' ? 'every client' : JSON.stringify(clientId)} is in line ${line} already`,
      );
    }
  }
}

function idOf(text: string): number | undefined {
  const id = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return id >= 1 && id <= LAST_ID ? id : undefined;
}
