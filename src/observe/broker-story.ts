import type { Note } from '../ports/observer.ts';
import type { LogLevel } from './logger.ts';
import type { NoteOf } from './note-line.ts';

const CONGESTION = 1;

/**
 * An outage is told once: that the broker is away, and why, that it is back, and what became of the clients. What belongs to that and would only say it
 * again (each attempt, each client's connection, whom it has refused meanwhile) is for whoever looks at the details. Where a line says that one of the
 * gateway's connections broke, another one says that it stands again.
 */
export class BrokerStory {
  /** It is away, which has been told. */
  #away = false;
  #ownIsUp = false;
  /** That it broke has been told; that it stands again is, too. */
  #ownIsMissed = false;
  #sharedIsMissed = false;
  #statusIsMissed = false;
  /** Why, as it was told last. */
  #reason: string | undefined;
  /** It has been told that it is back, and the gateway's own connection, or the shared one, has not followed yet. */
  #ownFollows = false;
  #sharedFollows = false;
  /** Why the own connection, or the shared one, cannot be made though the broker is there, as it was told last. */
  #ownReason: string | undefined;
  #sharedReason: string | undefined;
  #isLimitTold = false;
  /** The same of the connection for the status. */
  #statusFollows = false;
  #statusReason: string | undefined;

  /** The level of a note that has `level` where nothing was told before. To be asked of each note, in order. */
  levelOf(note: Note, level: LogLevel): LogLevel {
    switch (note.type) {
      case 'gateway-reachable':
        return this.#reachable(note, level);
      case 'upstream-up':
        return note.clientId === undefined ? this.#ownStands(level) : level;
      case 'upstream-down':
        return note.clientId === undefined ? this.#ownFell(note, level) : this.#clientFell(note, level);
      case 'shared-connection-up':
        return this.#sharedStands(note, level);
      case 'shared-connection-down':
        return this.#sharedFell(note, level);
      case 'status-up':
        return this.#statusStands(level);
      case 'status-down':
        return this.#statusFell(note, level);
      case 'client-refused':
      case 'request-rejected':
        return this.#away && note.returnCode === CONGESTION ? 'info' : level;
      case 'client-publish-dropped':
        return this.#away && note.predefinedId === undefined ? 'info' : level;
      default:
        return level;
    }
  }

  #reachable({ reachable, reason }: NoteOf<'gateway-reachable'>, level: LogLevel): LogLevel {
    const wasAway = this.#away;
    this.#away = !reachable;
    this.#reason = reason;
    this.#ownFollows = reachable && wasAway;
    this.#sharedFollows = reachable && wasAway;
    this.#statusFollows = reachable && wasAway;
    return reachable && !wasAway ? 'debug' : level; // at the start the own connection tells
  }

  #ownStands(level: LogLevel): LogLevel {
    const isTold = this.#ownFollows && !this.#ownIsMissed;
    this.#ownIsUp = true;
    this.#ownIsMissed = false;
    this.#ownFollows = false;
    this.#ownReason = undefined;
    return isTold ? 'debug' : level;
  }

  #ownFell({ stood, away, reason }: NoteOf<'upstream-down'>, level: LogLevel): LogLevel {
    this.#ownIsUp = false;
    this.#ownIsMissed ||= stood === true;
    if (stood) {
      return level;
    }
    if (away) {
      const isNew = this.#away && reason !== this.#reason;
      this.#reason = this.#away ? reason : this.#reason;
      return isNew ? level : 'debug'; // the first time that it is away is told behind this
    }
    const isNew = reason !== this.#ownReason;
    this.#ownReason = reason;
    return isNew ? level : 'debug';
  }

  /** Once or twice, it may be that the broker closes everything, or somebody restarts it: then the own connection tells. */
  #clientFell({ retryIn, attempt = 1 }: NoteOf<'upstream-down'>, level: LogLevel): LogLevel {
    return this.#away || retryIn === undefined || attempt < 3 ? 'debug' : level;
  }

  #sharedStands({ identifies, sessionLost }: NoteOf<'shared-connection-up'>, level: LogLevel): LogLevel {
    const isTold = this.#sharedFollows && !this.#sharedIsMissed;
    this.#sharedIsMissed = false;
    this.#sharedFollows = false;
    this.#sharedReason = undefined;
    if (!identifies && !this.#isLimitTold) {
      this.#isLimitTold = true;
      return level;
    }
    if (sessionLost) {
      return level;
    }
    return isTold ? 'debug' : 'info';
  }

  #sharedFell({ stood, reason }: NoteOf<'shared-connection-down'>, level: LogLevel): LogLevel {
    this.#sharedIsMissed ||= stood === true;
    if (stood) {
      return level;
    }
    if (this.#away || !this.#ownIsUp) {
      return 'debug'; // the own one tells
    }
    const isNew = reason !== this.#sharedReason;
    this.#sharedReason = reason;
    return isNew ? level : 'debug';
  }

  #statusStands(level: LogLevel): LogLevel {
    const isTold = this.#statusFollows && !this.#statusIsMissed;
    this.#statusIsMissed = false;
    this.#statusFollows = false;
    this.#statusReason = undefined;
    return isTold ? 'debug' : level;
  }

  #statusFell({ reason }: NoteOf<'status-down'>, level: LogLevel): LogLevel {
    const isNew = !this.#away && reason !== this.#statusReason;
    this.#statusReason = this.#away ? this.#statusReason : reason;
    this.#statusIsMissed ||= isNew;
    return isNew ? level : 'debug';
  }
}
