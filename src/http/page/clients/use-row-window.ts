import { useCallback, useLayoutEffect, useState } from '../library/html.ts';
import { type RowWindow, rowWindow } from '../model/row-window.ts';

export interface SeenRows extends RowWindow {
  /** Pixels. */
  readonly rowHeight: number;
  /** Scrolls so that a row is in sight. */
  readonly reveal: (index: number) => void;
}

/** Which of `count` rows are in sight, as the window is scrolled. `body`: the element that has all of them; `--row-height` on it says how high one is. */
export function useRowWindow(body: { readonly current: HTMLElement | null }, count: number): SeenRows {
  const [seen, setSeen] = useState({ first: 0, end: Math.min(count, 40), rowHeight: 44 });

  useLayoutEffect(() => {
    const look = (): void => {
      const element = body.current;
      if (element === null) {
        return;
      }
      const rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-height')) || 44;
      const { first, end } = rowWindow(count, rowHeight, -element.getBoundingClientRect().top, innerHeight);
      setSeen((former) =>
        former.first === first && former.end === end && former.rowHeight === rowHeight
          ? former
          : { first, end, rowHeight },
      );
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [count]);

  const { rowHeight } = seen;
  const reveal = useCallback(
    (index: number) => {
      const element = body.current;
      if (element === null) {
        return;
      }
      const top = element.getBoundingClientRect().top + index * rowHeight;
      // The head of the list stays in sight above its rows.
      const above = Number.parseFloat(getComputedStyle(element).scrollMarginTop) || 0;
      if (top < above) {
        scrollBy({ top: top - above });
      } else if (top + rowHeight > innerHeight) {
        scrollBy({ top: top + rowHeight - innerHeight });
      }
    },
    [rowHeight],
  );
  return { ...seen, end: Math.min(seen.end, count), reveal };
}
