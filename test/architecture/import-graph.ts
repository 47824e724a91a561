/** The imports of a tree of TypeScript files, and what is wrong with them. Type imports count like any other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { commentsAndStrings } from './comments-and-strings.ts';

/** One import: paths below the root of the tree, or the name of a library as it is written. */
export interface Import {
  readonly file: string;
  /** As written. */
  readonly target: string;
  /** The file that a relative target names, below the root; undefined: a library. */
  readonly resolved: string | undefined;
}

/** What libraries are named by, once the comments are away: `from 'x'`, `import 'x'`, `import('x')`. */
const LIBRARIES = [
  /\bfrom\s*(['"])([^'"\s]+)\1/g,
  /\bimport\s*(['"])([^'"\s]+)\1/g,
  /\bimport\s*\(\s*(['"`])([^'"`\s]+)\1/g,
];
const COMMENTS = /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/.*/g;
const RELATIVE = /^['"`](\.\.?\/[^'"`]*\.ts)['"`]?$/;
/** A statement that brings values over: not `import type`, and not every name in it a type. */
const VALUES = /^\s*(?:import|export)\s+(?!type\b)([^;'"]*?)\s*from\s*['"]([^'"]+)['"]/gm;

/** Every TypeScript file below `root`, with forward slashes. */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/'))
    .sort();
}

/** Every import of every file below `root`. */
export function importsBelow(root: string): Import[] {
  return filesBelow(root).flatMap((file) => importsIn(file, readFileSync(join(root, file), 'utf8')));
}

/** The imports in the text of one file. Whatever stands in a string and names a file beside it counts, in whichever form it is imported. */
export function importsIn(file: string, text: string): Import[] {
  const files = commentsAndStrings(text).flatMap((string) => RELATIVE.exec(string)?.[1] ?? []);
  const code = text.replaceAll(COMMENTS, (_, string: string | undefined) => string ?? ' ');
  const libraries = LIBRARIES.flatMap((pattern) => [...code.matchAll(pattern)])
    .map(([, , target]) => target ?? '')
    .filter((target) => !target.startsWith('.'));
  return [...files, ...libraries].map((target) => importOf(file, target));
}

/** What a file imports of others besides types. */
export function valueImportsIn(file: string, text: string): Import[] {
  const code = text.replaceAll(COMMENTS, (_, string: string | undefined) => string ?? ' ');
  return [...code.matchAll(VALUES)]
    .filter(([, names = '']) => !/^\{(?:\s*type\s[^,}]*,?)*\s*\}$/.test(names))
    .map(([, , target]) => importOf(file, target ?? ''));
}

/** An import as if it stood in `file`. */
export function importOf(file: string, target: string): Import {
  const resolved = target.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file), target)) : undefined;
  return { file, target, resolved };
}

/** Files that import each other in a circle: one list for each circle, sorted; none where there is none. */
export function circles(imports: readonly Import[]): string[][] {
  const edges = new Map<string, string[]>();
  for (const { file, resolved } of imports) {
    if (resolved !== undefined) {
      edges.set(file, [...(edges.get(file) ?? []), resolved]);
    }
  }
  return stronglyConnected(edges).filter(
    ([first = '', ...more]) => more.length > 0 || edges.get(first)?.includes(first),
  );
}

/** Tarjan's algorithm. */
function stronglyConnected(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node) ?? own, low.get(next) ?? own));
      } else if (stack.includes(next)) {
        low.set(node, Math.min(low.get(node) ?? own, index.get(next) ?? own));
      }
    }
    if (low.get(node) === own) {
      found.push(stack.splice(stack.indexOf(node)).sort());
    }
  };
  for (const node of edges.keys()) {
    if (!index.has(node)) {
      visit(node);
    }
  }
  return found;
}
