import { clientIdOf, clientLevel } from './client-level.ts';

/** The topics below `status.topicPrefix`. */
export class StatusTopics {
  readonly state: string;
  readonly info: string;
  readonly stats: string;
  /** Filter: the states of all clients. */
  readonly allClients: string;
  /** Filter: every request. */
  readonly allRequests: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.state = `${prefix}/state`;
    this.info = `${prefix}/info`;
    this.stats = `${prefix}/stats`;
    this.allClients = `${prefix}/clients/+/state`;
    this.allRequests = `${prefix}/request/+`;
  }

  /** Of the state of one client. */
  client(clientId: string): string {
    return `${this.#prefix}/clients/${clientLevel(clientId)}/state`;
  }

  /** Whose state a topic is; undefined: nobody's. */
  clientOf(topic: string): string | undefined {
    const start = `${this.#prefix}/clients/`;
    const isOne = topic.startsWith(start) && topic.endsWith('/state');
    return isOne ? clientIdOf(topic.slice(start.length, -'/state'.length)) : undefined;
  }

  /** What a request on a topic asks for; undefined: it is none. */
  requestOf(topic: string): string | undefined {
    const start = `${this.#prefix}/request/`;
    return topic.startsWith(start) ? topic.slice(start.length) : undefined;
  }

  /** Where the answer to a request goes that names no other topic. */
  response(what: string): string {
    return `${this.#prefix}/response/${what}`;
  }
}
