/** Words behind which a slash begins a regular expression; behind any other word, a number, `)`, `]` or `}` it divides. */
const BEFORE_PATTERN = /^(?:case|in|instanceof|of|return|typeof|void|yield|await)$/;

/** One piece of TypeScript: a comment, a string, a word, or any other octet. Templates and patterns are read by hand. */
const PIECE = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[\w$]+|\s+|[\s\S]/y;
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{|$)/y;

/**
 * What people have written into a file of TypeScript: each comment, as one line without its marks, and each string with its quotes (of
 * a template the text between the values).
 */
export function commentsAndStrings(source: string): string[] {
  const found: string[] = [];
  /** For each template that is open: how many braces are open inside its value. */
  const braces: number[] = [];
  let at = 0;
  let divides = false;

  const read = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    at += match?.[0].length ?? 0;
    return match ?? undefined;
  };
  const readTemplate = (): void => {
    const match = read(TEMPLATE);
    found.push(`\`${match?.[0] ?? ''}`);
    if (match?.[1] === '${') {
      braces.push(0);
    }
    divides = match?.[1] === '`';
  };

  while (at < source.length) {
    if (source[at] === '/' && !divides && !/[/*]/.test(source[at + 1] ?? '') && read(PATTERN) !== undefined) {
      divides = true;
      continue;
    }
    const piece = read(PIECE)?.[0] ?? '';
    if (piece.startsWith('//') || piece.startsWith('/*')) {
      found.push(withoutMarks(piece));
    } else if (piece === '`') {
      readTemplate();
    } else if (piece === '}' && braces.at(-1) === 0) {
      braces.pop();
      readTemplate();
    } else if (piece.trim() !== '') {
      if (/^['"]./.test(piece)) {
        found.push(piece);
      }
      const inner = braces.pop();
      if (inner !== undefined) {
        braces.push(inner + (piece === '{' ? 1 : piece === '}' ? -1 : 0));
      }
      divides = /^[\w$'")\]}]/.test(piece) && !BEFORE_PATTERN.test(piece);
    }
  }
  return found;
}

function withoutMarks(comment: string): string {
  return comment
    .replace(/^\/\*\*?|^\/\/|\*\/$/g, '')
    .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
    .trim();
}
