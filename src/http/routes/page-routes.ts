/** The page itself, and the description of the API. */
import { HttpProblem } from '../http-problem.ts';
import type { PageFile } from '../page-files.ts';
import { type Route, route } from '../route.ts';
import { pathSchema } from '../schemas.ts';

/** The path of the files of the page: whatever else is not there. */
export const EVERYTHING = '/*';

/** `read` gives all files of the page, once somebody asks for one; `openApi` makes the description. */
export function pageRoutes(read: () => readonly PageFile[], openApi: () => unknown): readonly Route[] {
  let files: ReadonlyMap<string, PageFile> | undefined;
  return [
    route({
      method: 'GET',
      path: '/api/openapi.json',
      cost: 10,
      audience: 'viewers',
      summary: undefined,
      handle: () => ({ json: openApi() }),
    }),
    // One route for all of them: each costs time before the page is served. What is not in the list is not there.
    route({
      method: 'GET',
      path: EVERYTHING,
      audience: 'viewers',
      summary: undefined,
      params: pathSchema,
      handle: ({ params }) => {
        files ??= new Map(read().map((file) => [file.path, file]));
        const path = `/${params['*']}`;
        const file = files.get(path);
        if (file === undefined) {
          throw nothingAt('GET', path);
        }
        const { content, type, etag, isLasting } = file;
        return { content, type, etag, isLasting };
      },
    }),
  ];
}

/** The problem of a path under which there is nothing. */
export function nothingAt(method: string, path: string): HttpProblem {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  return new HttpProblem('not-found', `There is no ${method} ${shown} here. The API is described in api/openapi.json.`);
}

/** The problem of a path that is asked with another method than its own. */
export function notThisWay(method: string, allowed: string): HttpProblem {
  return new HttpProblem('method', `expected ${allowed}, found ${method}`, { allow: allowed });
}
