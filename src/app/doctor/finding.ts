/** What was looked at, and how it is. */
export interface Finding {
  /** In a word or two. */
  readonly what: string;
  /** `fail`: the gateway will not work so; `warn`: it will, with less than it promises. */
  readonly result: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly found: string;
  /** What to do; undefined where nothing is to be done. */
  readonly advice?: string;
}
