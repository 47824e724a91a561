/** What is served: each route as plain data, so that one file alone knows the library that serves it. */
import type { ServerResponse } from 'node:http';
import type * as z from 'zod';

/** Who asks. */
export interface Viewer {
  /** Of the network, without port; `::ffff:192.0.2.7` is `192.0.2.7`. */
  readonly address: string;
  /** Name of the user, `token`, or undefined: nobody is asked who he is. */
  readonly name: string | undefined;
  /** Whether what let this viewer in is still so: users and token may change meanwhile. */
  isCurrent(): boolean;
}

/** A request, its parts as the schemas of the route have them. */
export interface Asked<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly viewer: Viewer;
}

/** What comes back. Problems are thrown, as `HttpProblem`. */
export type Answer =
  /** A value, as JSON; undefined: 204. */
  | { readonly json: unknown; readonly status?: number }
  | {
      readonly content: string | Uint8Array;
      readonly type: string;
      readonly status?: number;
      readonly etag?: string;
      /** It never changes. */
      readonly isLasting?: boolean;
    }
  /** JSON in parts, made one after the other as they are read. */
  | { readonly parts: AsyncIterable<string> }
  /** An event stream, which whoever takes it writes and ends. */
  | { readonly stream: (response: ServerResponse) => void };

/**
 * Who may ask. `anybody`: also without credentials where they are needed. `viewers`: whoever may see the page. `operators`: only with credentials,
 * whatever the settings.
 */
export type Audience = 'anybody' | 'viewers' | 'operators';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `:names` for the parameters. */
  readonly path: string;
  readonly audience: Audience;
  /** For the description of the API, in a few words; undefined: it is no part of the API. */
  readonly summary: string | undefined;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What comes back; undefined: nothing, or no JSON. */
  readonly answer?: z.ZodType;
  /** It answers with an event stream. */
  readonly isStream?: true;
  /** As many requests of other kinds it counts for, where it takes as much time; 1 unless told. */
  readonly cost?: number;
  /** Content type of what comes back, where that is no JSON. */
  readonly answerType?: string;
  /** Most octets of the body; 16,384 unless told. */
  readonly maxBody?: number;
  handle(asked: Asked): Answer | Promise<Answer>;
}

/** A route whose `handle` sees its parts as the schemas have them. */
export interface TypedRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Omit<Route, 'handle' | 'params' | 'query' | 'body'> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  handle(asked: Asked<z.output<P>, z.output<Q>, z.output<B>>): Answer | Promise<Answer>;
}

/** Makes a route. What it handles has been checked by its schemas. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  typed: TypedRoute<P, Q, B>,
): Route {
  return { ...typed, handle: (asked) => typed.handle(asked as Asked<z.output<P>, z.output<Q>, z.output<B>>) };
}
