import { useCallback, useEffect, useRef, useState } from '../library/html.ts';
import { ApiError } from '../model/api-error.ts';

export interface Polled<T> {
  /** The last answer; undefined: there was none yet. */
  readonly data: T | undefined;
  /** Why the last question came to nothing; undefined: it did not. */
  readonly error: ApiError | undefined;
  /** Asks again now. */
  readonly refresh: () => void;
}

/**
 * What `ask` answers, asked again `interval` milliseconds after each answer while somebody sees the page. `key`: what is asked for; when it
 * changes, all begins anew.
 */
export function usePolled<T>(key: string, interval: number, ask: () => Promise<T>): Polled<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: ApiError }>({ key });
  const refresh = useRef<() => void>(() => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let turn = 0;
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      turn += 1;
      const own = turn;
      const outcome = await ask().then(
        (data) => ({ data }),
        (error: unknown) => ({ error: error instanceof ApiError ? error : new ApiError(0, String(error), error) }),
      );
      if (own === turn) {
        setState((former) => ({
          ...(former.key === key && former.data !== undefined && { data: former.data }),
          key,
          ...outcome,
        }));
        timer = setTimeout(() => void lookWhenSeen(), interval);
      }
    };
    const lookWhenSeen = (): void => {
      if (document.visibilityState === 'visible') {
        void look();
      }
    };
    refresh.current = () => void look();
    document.addEventListener('visibilitychange', lookWhenSeen);
    void look();
    return () => {
      turn += 1;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', lookWhenSeen);
    };
  }, [key, interval]);
  const current = state.key === key ? state : undefined;
  return { data: current?.data, error: current?.error, refresh: useCallback(() => refresh.current(), []) };
}
