import type { Observer } from '../ports/observer.ts';

/** An observer that is told the same, and with a note about the gateway's own connection the URL that it goes to (without credentials). */
export function withBrokerUrl(observer: Observer, url: string): Observer {
  return {
    get wantsFrames() {
      return observer.wantsFrames;
    },
    note: (note) => {
      const own = note.type === 'upstream-down' && note.clientId === undefined;
      observer.note(own ? { ...note, url } : note);
    },
    frame: (direction, link, frame) => observer.frame(direction, link, frame),
  };
}
