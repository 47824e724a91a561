import type { TransportContext } from '../../ports/transport-module.ts';
import { moduleError, moduleWords } from './module-error.ts';
import { type FromModule, MOST_UNTAKEN, type ModuleAnswer, type ModuleStart } from './thread-messages.ts';

const ADDRESS = /^[A-Za-z0-9._:-]{1,64}$/;
const CODE = /^[A-Z][A-Z0-9_]{0,31}$/;
const LONGEST_FRAME = 65_535;

export interface SpokenModuleOptions extends Omit<ModuleStart, 'module' | 'memory'> {
  /** Of the module. */
  readonly folder: string;
  /** To the gateway. */
  readonly post: (message: FromModule | ModuleAnswer) => void;
}

/** What a module says to its gateway: checked, and no more of it at a time than the gateway takes. */
export class SpokenModule {
  readonly context: TransportContext;
  readonly #options: SpokenModuleOptions;
  #untaken = 0;
  /** Dropped since the gateway was told of it. */
  #dropped = 0;
  #isLost = false;

  constructor(options: SpokenModuleOptions) {
    const { name, folder } = options;
    this.#options = options;
    this.context = {
      name,
      options: options.options,
      folder,
      received: (address, frame) => {
        if (!(frame instanceof Uint8Array) || frame.length === 0 || frame.length > LONGEST_FRAME) {
          const found = frame instanceof Uint8Array ? `${frame.length}` : moduleWords(frame);
          throw new TypeError(`a frame is a Uint8Array of 1 to ${LONGEST_FRAME} octets, found ${found}`);
        }
        return this.#say({ type: 'received', address: checkedAddress(address), frame: Uint8Array.from(frame) });
      },
      signal: (address, { rssi, retries }) => {
        const [heard, again] = [numberOf(rssi), numberOf(retries)];
        this.#say({ type: 'signal', address: checkedAddress(address), rssi: heard, retries: again });
      },
      discarded: (octets) =>
        void this.#say({ type: 'discarded', octets: Math.max(0, Math.round(numberOf(octets) ?? 0)) }),
      problem: (code, reason) => {
        this.#say({ type: 'problem', code: CODE.test(code) ? code : 'ERROR', reason: moduleWords(reason) });
      },
      lost: (reason) => {
        if (this.#isLost) {
          return;
        }
        this.#isLost = true;
        const told =
          reason instanceof Error ? moduleError(reason, folder) : { code: 'ELOST', reason: moduleWords(reason) };
        options.post({ type: 'lost', ...told });
      },
    };
  }

  /** The gateway has dealt with so many messages. */
  taken(count: number): void {
    this.#untaken = Math.max(0, this.#untaken - count);
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      this.#say({
        type: 'problem',
        code: 'EOVERFLOW',
        reason: `${dropped} messages came faster than the gateway takes them, and were dropped`,
      });
    }
  }

  #say(message: FromModule): boolean {
    if (this.#untaken >= MOST_UNTAKEN) {
      this.#dropped++;
      return false;
    }
    this.#untaken++;
    this.#options.post(message);
    return true;
  }
}

function checkedAddress(address: unknown): string {
  if (typeof address !== 'string' || !ADDRESS.test(address)) {
    throw new TypeError(`an address is 1 to 64 of A-Z a-z 0-9 . _ : -, found ${moduleWords(address)}`);
  }
  return address;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
