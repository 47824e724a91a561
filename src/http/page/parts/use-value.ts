import { useEffect, useState } from '../library/html.ts';
import type { Value } from '../model/value.ts';

/** What `value` is now; the component is shown again when it changes. */
export function useValue<T>(value: Value<T>): T {
  const [, show] = useState(0);
  useEffect(() => {
    const seen = value.get();
    const stop = value.watch(() => show((count) => count + 1));
    // It may have changed between being shown and being watched.
    if (!Object.is(seen, value.get())) {
      show((count) => count + 1);
    }
    return stop;
  }, [value]);
  return value.get();
}
