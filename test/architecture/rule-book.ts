import { citations } from './citations.ts';

/** The tables of a book of rules: each row defines the id in its first cell. Throws where that is no id, or an id is there twice. */
export class RuleBook {
  readonly #rows = new Map<string, string>();

  constructor(markdown: string) {
    for (const row of markdown.split('\n').filter((line) => line.startsWith('|'))) {
      const [, first = '', ...cells] = row.split('|');
      const id = first.trim();
      if (/^(?:id|no\.|-+)$/.test(id)) {
        continue;
      }
      if (citations(`(${id})`).join() !== id) {
        throw new Error(`"${id}" in a first cell is no id`);
      }
      if (this.#rows.has(id)) {
        throw new Error(`${id} is there twice`);
      }
      this.#rows.set(id, cells.join(' |'));
    }
  }

  get ids(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** What the rows say beside their ids. */
  get texts(): readonly string[] {
    return [...this.#rows.values()];
  }

  /** The ids that `prose` cites and no row defines. */
  unknownIn(prose: string): string[] {
    return citations(prose).filter((id) => !this.#rows.has(id));
  }

  /** The ids of the rows that no piece of prose cites. */
  uncitedIn(prose: readonly string[]): string[] {
    const cited = new Set(prose.flatMap(citations));
    return this.ids.filter((id) => !cited.has(id));
  }
}
