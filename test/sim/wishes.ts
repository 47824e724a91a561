/** What a client wants: its actions in their order, and the filters that it wants to be subscribed to. */
import type { Action, TopicForm } from './plan.ts';

type Wanted = Extract<Action, { do: 'subscribe' }>;

/** Actions that wait; what comes on top is not done at all. */
const MOST = 40;

export class Wishes {
  #todo: Action[] = [];
  readonly #wanted = new Map<string, { readonly form: TopicForm; readonly qos: 0 | 1 | 2 }>();
  /** Filters that it has asked for. */
  readonly #asked = new Set<string>();

  get count(): number {
    return this.#todo.length;
  }

  get first(): Action | undefined {
    return this.#todo[0];
  }

  add(action: Action): void {
    if (action.do === 'subscribe') {
      this.#wanted.set(action.filter, action);
    }
    if (this.#todo.length < MOST) {
      this.#todo.push(action);
    }
  }

  take(): Action | undefined {
    return this.#todo.shift();
  }

  clear(): void {
    this.#todo = [];
  }

  /** A filter that has not been asked for; now it has. */
  nextFilter(): Wanted | undefined {
    for (const [filter, { form, qos }] of this.#wanted) {
      if (!this.#asked.has(filter)) {
        this.#asked.add(filter);
        return { at: 0, do: 'subscribe', filter, form, qos };
      }
    }
    return undefined;
  }

  /** Every filter has to be asked for again. */
  askAgain(): void {
    this.#asked.clear();
  }

  unwanted(filter: string): void {
    this.#wanted.delete(filter);
    this.#asked.delete(filter);
  }
}
