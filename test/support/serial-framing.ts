/** How frames are told apart on a serial line: by MQTT-SN's own length octets, after RFC 1055, after the COBS paper. */
export type SerialFraming = 'length' | 'slip' | 'cobs';

/** CRC-16/CCITT-FALSE or CRC-16/MODBUS, low octet first. */
export type SerialCrc = 'none' | 'ccitt' | 'modbus';

const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** Longest block of COBS: the code octet and 254 others. */
const COBS_BLOCK = 0xff;

const ENCAPSULATED = 0xfe;

/** The octets of a frame on the line. */
export function wrap(frame: Uint8Array, framing: SerialFraming, crc: SerialCrc): Uint8Array {
  const content = [...frame, ...crcOctets(frame, crc)];
  switch (framing) {
    case 'length':
      return Uint8Array.from(content);
    case 'slip':
      return Uint8Array.from([
        END,
        ...content.flatMap((octet) => (octet === END ? [ESC, ESC_END] : octet === ESC ? [ESC, ESC_ESC] : [octet])),
        END,
      ]);
    case 'cobs':
      return Uint8Array.from([0, ...cobs(content), 0]);
  }
}

/** The CRC of the octets as it stands behind them. */
export function crcOctets(octets: Uint8Array, crc: SerialCrc): number[] {
  if (crc === 'none') {
    return [];
  }
  const sum = crc === 'ccitt' ? ccitt(octets) : modbus(octets);
  return [sum & 0xff, sum >> 8];
}

/** Polynomial 0x1021, from the highest bit down, beginning with 0xFFFF. */
function ccitt(octets: Uint8Array): number {
  let register = 0xffff;
  for (const octet of octets) {
    register ^= octet << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      register = (register & 0x8000 ? (register << 1) ^ 0x1021 : register << 1) & 0xffff;
    }
  }
  return register;
}

/** Polynomial 0x8005, from the lowest bit up (hence 0xA001), beginning with 0xFFFF. */
function modbus(octets: Uint8Array): number {
  let register = 0xffff;
  for (const octet of octets) {
    register ^= octet;
    for (let bit = 0; bit < 8; bit += 1) {
      register = register & 1 ? (register >> 1) ^ 0xa001 : register >> 1;
    }
  }
  return register;
}

/** Each block: a code octet that says after how many octets comes the next zero, which itself is left out; 0xFF: no zero after 254 octets. */
function cobs(content: readonly number[]): number[] {
  const out: number[] = [];
  let block: number[] = [];
  for (const octet of content) {
    if (octet !== 0) {
      block.push(octet);
    }
    if (octet === 0 || block.length === COBS_BLOCK - 1) {
      out.push(block.length + 1, ...block);
      block = [];
    }
  }
  return [...out, block.length + 1, ...block];
}

function uncobs(stuffed: readonly number[]): number[] {
  const out: number[] = [];
  let at = 0;
  while (at < stuffed.length) {
    const code = stuffed[at] ?? 0;
    if (at + code > stuffed.length) {
      throw new Error(`a COBS block of ${code} octets has ${stuffed.length - at}`);
    }
    out.push(...stuffed.slice(at + 1, at + code));
    at += code;
    if (code < COBS_BLOCK && at < stuffed.length) {
      out.push(0);
    }
  }
  return out;
}

function unslip(stuffed: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < stuffed.length; at += 1) {
    const octet = stuffed[at] ?? 0;
    if (octet !== ESC) {
      out.push(octet);
      continue;
    }
    at += 1;
    const escaped = stuffed[at];
    if (escaped !== ESC_END && escaped !== ESC_ESC) {
      throw new Error(`ESC is followed by ${escaped ?? 'nothing'}`);
    }
    out.push(escaped === ESC_END ? END : ESC);
  }
  return out;
}

/** How long the frame at the beginning of these octets is; undefined: more is needed to know. Error if no frame begins so. */
function frameLength(octets: readonly number[]): number | undefined {
  const [first, second, third] = octets;
  const long = first === 1;
  if (first === undefined || (long && (second === undefined || third === undefined))) {
    return undefined;
  }
  const length = long ? ((second ?? 0) << 8) + (third ?? 0) : first;
  // 5.2.1: three octets are for what one cannot say; the two more make such a frame 258 octets long at least.
  if (length < 2 || (long && length < 258)) {
    throw new Error(`a frame cannot begin with ${octets.slice(0, long ? 3 : 1).join(' ')}`);
  }
  const type = octets[long ? 3 : 1];
  if (type !== ENCAPSULATED) {
    return type === undefined ? undefined : length;
  }
  // 5.5: the length of an encapsulated frame ends before the message that it carries.
  const inner = octets.length > length ? frameLength(octets.slice(length)) : undefined;
  return inner === undefined ? undefined : length + inner;
}

/** Finds the frames in the octets of a line, and tells of everything that a well-behaved peer never sends. */
export class FrameFinder {
  readonly #framing: SerialFraming;
  readonly #crc: SerialCrc;
  readonly #onFrame: (frame: Uint8Array) => void;
  readonly #onViolation: (what: string) => void;
  #octets: number[] = [];
  /** Whether a delimiter has begun a frame. */
  #inside = false;

  constructor(
    framing: SerialFraming,
    crc: SerialCrc,
    onFrame: (frame: Uint8Array) => void,
    onViolation: (what: string) => void,
  ) {
    this.#framing = framing;
    this.#crc = crc;
    this.#onFrame = onFrame;
    this.#onViolation = onViolation;
  }

  /** Forgets an unfinished frame. */
  clear(): void {
    this.#octets = [];
    this.#inside = false;
  }

  push(octets: Uint8Array): void {
    for (const octet of octets) {
      try {
        if (this.#framing === 'length') {
          this.#count(octet);
        } else {
          this.#delimit(octet);
        }
      } catch (error) {
        this.#onViolation(error instanceof Error ? error.message : String(error));
        this.clear();
      }
    }
  }

  #count(octet: number): void {
    this.#octets.push(octet);
    const length = frameLength(this.#octets);
    if (length !== undefined && this.#octets.length === length + crcLength(this.#crc)) {
      this.#finish(this.#octets);
    }
  }

  #delimit(octet: number): void {
    if (octet !== (this.#framing === 'slip' ? END : 0)) {
      if (!this.#inside) {
        throw new Error(`octet ${octet} without a delimiter before it`);
      }
      this.#octets.push(octet);
    } else if (this.#octets.length === 0) {
      this.#inside = true;
    } else {
      this.#finish(this.#framing === 'slip' ? unslip(this.#octets) : uncobs(this.#octets));
    }
  }

  #finish(content: readonly number[]): void {
    const frame = Uint8Array.from(content.slice(0, content.length - crcLength(this.#crc)));
    const sum = content.slice(frame.length);
    if (sum.join() !== crcOctets(frame, this.#crc).join()) {
      throw new Error(`CRC ${sum.join(' ')} in place of ${crcOctets(frame, this.#crc).join(' ')}`);
    }
    if (frameLength([...frame]) !== frame.length) {
      throw new Error(`the length octets of a frame do not fit its ${frame.length} octets`);
    }
    this.clear();
    this.#onFrame(frame);
  }
}

function crcLength(crc: SerialCrc): number {
  return crc === 'none' ? 0 : 2;
}
