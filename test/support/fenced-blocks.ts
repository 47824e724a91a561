/** A block between fences of a document in Markdown. */
export interface FencedBlock {
  /** The word behind the fence; empty where there is none. */
  readonly language: string;
  /** Its lines, without the indentation that the fence has. */
  readonly text: string;
}

/** All fenced blocks, wherever they are indented. */
export function fencedBlocks(document: string): FencedBlock[] {
  return [...document.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```/gm)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/**
 * The commands of a block in `sh`: one for each line, with the lines that it goes on in (`\`). A block that begins with a variable, or that
 * has indented lines, is one script. Lines that are nothing but a comment are left out.
 */
export function commandsOf(block: string): string[] {
  if (/^\w+=/.test(block) || /^[ \t]+\S/m.test(block.replaceAll(/\\\n/g, ''))) {
    return [block.trim()];
  }
  return block
    .split(/(?<!\\)\n/)
    .map((command) => command.trim())
    .filter((command) => command !== '' && !command.startsWith('#'));
}
