import type { Observer } from '../ports/observer.ts';

/** An observer that is told the same, and where the broker is away the URL of it (without credentials). */
export function withBrokerUrl(observer: Observer, url: string): Observer {
  return {
    get wantsFrames() {
      return observer.wantsFrames === true;
    },
    note: (note) => {
      const isAway =
        (note.type === 'upstream-down' && note.clientId === undefined) ||
        (note.type === 'gateway-reachable' && !note.reachable);
      observer.note(isAway ? { ...note, url } : note);
    },
    message: (message) => observer.message?.(message),
    frame: (direction, link, frame) => observer.frame?.(direction, link, frame),
  };
}
