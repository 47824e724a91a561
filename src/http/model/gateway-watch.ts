import { RefusalReasons } from '../../observe/refusal-reasons.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Note, Observer } from '../../ports/observer.ts';
import type { Incident } from '../api-contract.ts';
import { Incidents } from './incidents.ts';
import { RadioSignals } from './radio-signals.ts';
import { Refusals } from './refusals.ts';
import { StateHistory } from './state-history.ts';
import { UnknownTopics } from './unknown-topics.ts';

export interface GatewayWatchParts {
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Whether a client has a session. */
  readonly isKnown: (clientId: string) => boolean;
  /** Is told of each incident. */
  readonly tell: (incident: Incident) => void;
}

/** What is remembered of what happened, as long as the status page is served. */
export class GatewayWatch implements Observer {
  readonly skipsMessages = true;
  readonly history: StateHistory;
  readonly refusals: Refusals;
  readonly incidents: Incidents;
  readonly unknownTopics: UnknownTopics;
  readonly signals = new RadioSignals();
  readonly refusalReasons = new RefusalReasons();

  constructor({ clock, wall, isKnown, tell }: GatewayWatchParts) {
    this.refusals = new Refusals(wall, isKnown);
    this.history = new StateHistory(wall);
    this.incidents = new Incidents(clock, wall, tell);
    this.unknownTopics = new UnknownTopics(wall);
  }

  note(note: Note): void {
    switch (note.type) {
      // What comes with every message, or may come from anybody in any number, and is neither refusal nor error: of that nothing is made.
      case 'client-published':
      case 'delivered':
      case 'retransmitted':
      case 'duplicate-absorbed':
      case 'topic-registered':
      case 'subscribed':
      case 'unsubscribed':
      case 'frame-dropped':
      case 'unknown-sender':
      case 'message-ignored':
        return;
      case 'radio-signal':
        this.signals.note(note);
        return;
      case 'request-rejected':
        this.unknownTopics.note(note);
        this.refusalReasons.note(note);
        break;
      case 'client-publish-dropped':
        this.unknownTopics.note(note);
        break;
      case 'client-refused':
        this.refusalReasons.note(note);
        this.history.note(note);
        break;
      case 'delivery-dropped':
        break;
      default:
        this.history.note(note);
    }
    this.refusals.note(note);
    this.incidents.note(note);
  }
}
