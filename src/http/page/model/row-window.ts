/** Which rows of a long list are in sight. */

/** Rows above and below those in sight that are there too, so that a quick turn of the wheel shows no gap. */
const MARGIN = 8;

export interface RowWindow {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/**
 * `offset`: how far above the upper edge of the window the list begins; below 0: how far below it. `rowHeight`, `height` of the window: in
 * the same unit.
 */
export function rowWindow(count: number, rowHeight: number, offset: number, height: number): RowWindow {
  const first = Math.max(0, Math.floor(offset / rowHeight) - MARGIN);
  const end = Math.min(count, Math.ceil((offset + height) / rowHeight) + MARGIN);
  return { first: Math.min(first, count), end: Math.max(end, Math.min(first, count)) };
}
