/** The page itself, and the description of the API. */
import type { PageFile } from '../page-files.ts';
import { type Route, route } from '../route.ts';

/** `openApi` makes the description. */
export function pageRoutes(files: readonly PageFile[], openApi: () => unknown): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/openapi.json',
      audience: 'viewers',
      summary: undefined,
      handle: () => ({ json: openApi() }),
    }),
    ...files.map(({ path, type, content, etag, isLasting }) =>
      route({
        method: 'GET',
        path,
        audience: 'viewers',
        summary: undefined,
        handle: () => ({ content, type, etag, isLasting }),
      }),
    ),
  ];
}
