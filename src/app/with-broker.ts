import type { Note, Observer } from '../ports/observer.ts';

/** The broker, as whoever reads the log would look for it there. */
export interface BrokerPlace {
  /** Without credentials. */
  readonly url: string;
  /** Of the gateway's own connection, and of that which clients share. */
  readonly ownClientId: string;
  readonly sharedClientId: string;
}

/** An observer that is told the same, and besides where the broker is that is away, and which client id somebody else has there. */
export function withBroker(observer: Observer, place: BrokerPlace): Observer {
  return {
    get wantsFrames() {
      return observer.wantsFrames === true;
    },
    note: (note) => observer.note(placed(note, place)),
    message: (message) => observer.message?.(message),
    frame: (direction, link, frame) => observer.frame?.(direction, link, frame),
  };
}

function placed(note: Note, { url, ownClientId, sharedClientId }: BrokerPlace): Note {
  switch (note.type) {
    case 'upstream-down':
      return note.clientId === undefined ? { ...note, url } : note;
    case 'gateway-reachable':
      return note.reachable ? note : { ...note, url };
    case 'own-connection-contested':
      return { ...note, brokerClientId: ownClientId };
    case 'shared-connection-contested':
      return { ...note, brokerClientId: sharedClientId };
    default:
      return note;
  }
}
