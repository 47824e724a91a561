import type { Note, Observer } from '../ports/observer.ts';
import { BrokerWatch, type BrokerWatchParts } from './broker-watch.ts';
import { Counters } from './counters.ts';
import { DropReasons } from './drop-reasons.ts';
import { TransportWatch } from './transport-watch.ts';

/** What is remembered of the notes for whoever looks at the gateway: numbers, and how broker and transports are. */
export class SiteObserver implements Observer {
  readonly counters = new Counters();
  readonly drops = new DropReasons();
  readonly broker: BrokerWatch;
  readonly transports: TransportWatch;

  constructor(parts: BrokerWatchParts) {
    this.broker = new BrokerWatch(parts);
    this.transports = new TransportWatch(parts.wallClock);
  }

  note(note: Note): void {
    this.counters.note(note);
    switch (note.type) {
      case 'client-publish-dropped':
      case 'delivery-dropped':
        this.drops.note(note);
        return;
      case 'gateway-reachable':
      case 'upstream-up':
      case 'upstream-down':
      case 'shared-connection-up':
      case 'shared-connection-down':
        this.broker.note(note);
        return;
      case 'transport-up':
      case 'transport-down':
      case 'transport-problem':
      case 'octets-discarded':
        this.transports.note(note);
    }
  }
}
