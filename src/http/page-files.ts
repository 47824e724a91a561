/** The files of the status page, as the build has put them into dist/http/page: nothing else is served. */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where they are, seen from src/http, from dist/http and from dist/program alike. */
const FOLDER = fileURLToPath(new URL('../../dist/http/page', import.meta.url));

/** What the page is made of, by the ending of the name. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const INDEX = 'index.html';

/** A folder that the build has named by the hash of all that is in it. */
const LASTING = /^v-[\da-f]{16}\//;

/** A file as it is served. */
export interface PageFile {
  /** Below the root, with `/`; the page itself is `/`. */
  readonly path: string;
  readonly type: string;
  readonly content: Uint8Array;
  /** For If-None-Match. */
  readonly etag: string;
  /** Its name says what is in it: it never changes. */
  readonly isLasting: boolean;
}

/** All files of the page; none where it was not built. */
export function pageFiles(folder: string = FOLDER): PageFile[] {
  return entriesOf(folder).flatMap((entry) => {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) {
      return [];
    }
    const file = join(entry.parentPath, entry.name);
    const name = relative(folder, file).split(sep).join('/');
    const content = readFileSync(file);
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    return [{ path: name === INDEX ? '/' : `/${name}`, type, content, etag, isLasting: LASTING.test(name) }];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
