/**
 * A core beside one that hears the same, gets the same chance and the same numbers, and never folds a session up: what the two of them want is the same. The checks
 * look at everything, so behind them nothing is folded: how a folded session takes what comes is seen here alone.
 */
import { AggregatingCore } from '../../src/core/aggregating-core.ts';
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import type { GatewayCoreOptions } from '../../src/core/gateway-core.ts';
import { Session } from '../../src/core/state/session.ts';

let mayFold = true;
const { fold } = Session.prototype;
Session.prototype.fold = function foldUnlessTwin(now: number): void {
  if (mayFold) {
    fold.call(this, now);
  }
};

export class TwinCore extends AggregatingCore {
  /** What the other one has said otherwise. */
  problems: string[] = [];
  readonly #other: AggregatingCore;
  readonly #given: number[];

  constructor(options: GatewayCoreOptions) {
    const given: number[] = [];
    const give = (source: (() => number) | undefined) => () => {
      const value = source?.() ?? 0;
      given.push(value);
      return value;
    };
    const take = (): number => given.shift() ?? Number.NaN;
    super({ ...options, random: give(options.random), nextConnection: give(options.nextConnection) });
    this.#other = new AggregatingCore({ ...options, random: take, nextConnection: take });
    this.#given = given;
  }

  override handle(input: Input, now: number): readonly Effect[] {
    const effects = super.handle(input, now);
    mayFold = false;
    const others = this.#other.handle(structuredClone(input), now);
    mayFold = true;
    const [text, other] = [told(effects), told(others)];
    if (text !== other || this.#given.length > 0) {
      this.problems.push(`with folded sessions: ${text}; without: ${other}; ${this.#given.length} numbers are left`);
    }
    return effects;
  }
}

/**
 * Of an exchange the number is left out that it has among those of its client: which one is the first again depends on when what has ended is let go of, and nothing on
 * that.
 */
function told(effects: readonly Effect[]): string {
  const text = JSON.stringify(effects, (_name, value) =>
    value instanceof Set || value instanceof Map || value instanceof Uint8Array ? [...value] : value,
  );
  return text.replace(/"((?:exchange|finished)\/[^/"]+)\/\d+"/g, '"$1"').replace(/"number":\d+,/g, '');
}
