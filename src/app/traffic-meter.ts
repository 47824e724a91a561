import type { Traffic } from '../ports/site.ts';
import type { Transport, TransportEffect, TransportListener } from '../ports/transport.ts';

/** Counts what goes through one transport: frames as they come, and as they are handed to it. A few additions for each, and nothing else. */
export class TrafficMeter implements Traffic {
  framesReceived = 0;
  octetsReceived = 0;
  framesSent = 0;
  octetsSent = 0;

  /** What the transport calls in place of `listener`. */
  listening(listener: TransportListener): TransportListener {
    return (input) => {
      if (input.type === 'frame-received') {
        this.framesReceived++;
        this.octetsReceived += input.frame.length;
      }
      listener(input);
    };
  }

  /** The transport as the driver has it. */
  sending(transport: Transport): Transport {
    return {
      name: transport.name,
      open: () => transport.open(),
      close: () => transport.close(),
      perform: (effect: TransportEffect) => {
        this.framesSent++;
        this.octetsSent += effect.frame.length;
        transport.perform(effect);
      },
    };
  }

  /** As it is now. */
  read(): Traffic {
    const { framesReceived, octetsReceived, framesSent, octetsSent } = this;
    return { framesReceived, octetsReceived, framesSent, octetsSent };
  }
}
