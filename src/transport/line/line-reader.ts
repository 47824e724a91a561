/** Reads frames from a line: passes octets to the framing, and tells it when the line has fallen silent inside a frame. */
import type { DiscardReason, Finding, Framing } from '../framing/framing.ts';

export interface LineReaderOptions {
  readonly framing: Framing;
  /** Silence that ends a broken frame, in milliseconds. */
  readonly interFrameGap: number;
  readonly frame: (frame: Uint8Array) => void;
  readonly discarded: (octets: number, reason: DiscardReason) => void;
}

/** A timer that fires later than this, in milliseconds, says that the process was busy: octets may wait to be read. */
const LATE = 10;

export class LineReader {
  readonly #options: LineReaderOptions;
  #lastOctet = 0;
  /** The last timer was late, and the line got another gap for it. */
  #spared = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LineReaderOptions) {
    this.#options = options;
  }

  /** Octets came. */
  receive(octets: Uint8Array): void {
    const { framing, interFrameGap } = this.#options;
    this.#lastOctet = performance.now();
    this.#spared = false;
    this.#tell(framing.receive(octets));
    if (framing.unfinished) {
      this.#timer ??= setTimeout(this.#silent, interFrameGap);
    } else {
      this.stop();
    }
  }

  /** Nothing more comes: what is unfinished is discarded. */
  end(): void {
    this.stop();
    this.#tell(this.#options.framing.gap());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #silent = (): void => {
    this.#timer = undefined;
    const { framing, interFrameGap } = this.#options;
    const left = this.#lastOctet + interFrameGap - performance.now();
    if (left < -LATE && !this.#spared) {
      this.#spared = true;
      this.#lastOctet = performance.now();
      this.#timer = setTimeout(this.#silent, interFrameGap);
    } else if (left > 0) {
      this.#timer = setTimeout(this.#silent, Math.ceil(left));
    } else {
      this.#tell(framing.gap());
    }
  };

  #tell(findings: readonly Finding[]): void {
    const { frame, discarded } = this.#options;
    for (const finding of findings) {
      if (finding.type === 'frame') {
        frame(finding.frame);
      } else {
        discarded(finding.octets, finding.reason);
      }
    }
  }
}
