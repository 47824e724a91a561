import type { ProblemDetails } from './api-contract.ts';

/** What can be wrong with a request, or with the gateway that is to answer it. */
export type ProblemName =
  | 'bad-request'
  | 'credentials-needed'
  | 'read-only'
  | 'cross-site'
  | 'unknown-host'
  | 'not-found'
  | 'no-such-client'
  | 'conflict'
  | 'method'
  | 'too-large'
  | 'media-type'
  | 'too-many-requests'
  | 'too-many-streams'
  | 'busy'
  | 'not-possible'
  | 'defect';

/** Status and title of each. */
const PROBLEMS: Readonly<Record<ProblemName, readonly [status: number, title: string]>> = {
  'bad-request': [400, 'The request is not right'],
  'credentials-needed': [401, 'User name and password, or a token, are needed'],
  'read-only': [403, 'This gateway shows, and does nothing'],
  'cross-site': [403, 'The request comes from another web site'],
  'unknown-host': [421, 'The gateway does not have this name'],
  'not-found': [404, 'There is nothing here'],
  'no-such-client': [404, 'There is no such client'],
  conflict: [409, 'That is not possible in this state'],
  method: [405, 'That cannot be done here'],
  'too-large': [413, 'The request is too large'],
  'media-type': [415, 'The request is no JSON'],
  'too-many-requests': [429, 'Too many requests'],
  'too-many-streams': [503, 'Too many event streams'],
  busy: [503, 'Too much is asked at a time'],
  'not-possible': [502, 'The gateway could not do that'],
  defect: [500, 'A defect of the gateway'],
};

/** An answer that says what is wrong (RFC 9457). */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly #problem: ProblemName;

  /** `detail`: what was expected, what was found, what to do. `headers`: that go with it. */
  constructor(problem: ProblemName, detail: string, headers: HttpProblem['headers'] = {}) {
    super(detail);
    this.#problem = problem;
    [this.status] = PROBLEMS[problem];
    this.headers = headers;
  }

  /** As it is sent. `type` is a name, there is nothing to be fetched under it. */
  get details(): ProblemDetails {
    const [status, title] = PROBLEMS[this.#problem];
    return { type: `urn:mqtt-sn-gateway:problem:${this.#problem}`, title, status, detail: this.message };
  }
}
