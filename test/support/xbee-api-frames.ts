/** 1: as they are; 2: with escapes. The module's parameter AP. */
export type ApiMode = 1 | 2;

const DELIMITER = 0x7e;
const ESCAPE = 0x7d;
const ESCAPE_XOR = 0x20;
const XON = 0x11;
const XOFF = 0x13;
const SPECIAL: readonly number[] = [DELIMITER, ESCAPE, XON, XOFF];

/** Longest frame data that a module takes: 255 octets of payload and the longest header. */
const MAX_FRAME_DATA = 255 + 20;

/** Delimiter, length, frame data, checksum; escaped in mode 2. `data` begins with the frame type. */
export function apiFrame(data: Uint8Array, apiMode: ApiMode): Uint8Array {
  const body = [data.length >> 8, data.length & 0xff, ...data, checksum(data)];
  return Uint8Array.from([DELIMITER, ...(apiMode === 1 ? body : body.flatMap(escaped))]);
}

/** 0xFF minus the low 8 bits of the sum of all octets between length and checksum. */
export function checksum(data: Uint8Array): number {
  return 0xff - (data.reduce((sum, octet) => sum + octet, 0) & 0xff);
}

function escaped(octet: number): number[] {
  return SPECIAL.includes(octet) ? [ESCAPE, octet ^ ESCAPE_XOR] : [octet];
}

/**
 * Takes the octets of a UART apart into frames, as a module does, but tells of everything that a real one would put up with or drop
 * without a word.
 */
export class ApiFrameReader {
  readonly #apiMode: ApiMode;
  readonly #onFrame: (data: Uint8Array) => void;
  readonly #onViolation: (what: string) => void;
  /** Length, data and checksum so far, without escapes; undefined outside of a frame. */
  #body: number[] | undefined;
  #afterEscape = false;

  constructor(apiMode: ApiMode, onFrame: (data: Uint8Array) => void, onViolation: (what: string) => void) {
    this.#apiMode = apiMode;
    this.#onFrame = onFrame;
    this.#onViolation = onViolation;
  }

  /** Forgets an unfinished frame, as after a reset. */
  clear(): void {
    this.#body = undefined;
    this.#afterEscape = false;
  }

  push(octets: Uint8Array): void {
    for (const octet of octets) {
      this.#take(octet);
    }
  }

  #take(octet: number): void {
    if (this.#body === undefined) {
      if (octet === DELIMITER) {
        this.#body = [];
      } else {
        this.#onViolation(`octet ${hex(octet)} outside of a frame`);
      }
      return;
    }
    if (this.#apiMode === 1) {
      this.#add(this.#body, octet);
      return;
    }
    if (octet === DELIMITER) {
      this.#onViolation(`a frame is cut off by the next one after ${this.#body.length} octets`);
      this.clear();
      this.#body = [];
    } else if (this.#afterEscape) {
      this.#afterEscape = false;
      if (!SPECIAL.includes(octet ^ ESCAPE_XOR)) {
        this.#onViolation(`octet ${hex(octet ^ ESCAPE_XOR)} is escaped without need`);
      }
      this.#add(this.#body, octet ^ ESCAPE_XOR);
    } else if (octet === ESCAPE) {
      this.#afterEscape = true;
    } else if (octet === XON || octet === XOFF) {
      this.#drop(`octet ${hex(octet)} is not escaped`);
    } else {
      this.#add(this.#body, octet);
    }
  }

  #add(body: number[], octet: number): void {
    body.push(octet);
    if (body.length < 2) {
      return;
    }
    const length = ((body[0] ?? 0) << 8) + (body[1] ?? 0);
    if (length === 0 || length > MAX_FRAME_DATA) {
      this.#drop(`a frame says that it is ${length} octets long`);
    } else if (body.length === length + 3) {
      const data = Uint8Array.from(body.slice(2, -1));
      if (checksum(data) === octet) {
        this.clear();
        this.#onFrame(data);
      } else {
        this.#drop(`checksum ${hex(octet)} in place of ${hex(checksum(data))}`);
      }
    }
  }

  #drop(why: string): void {
    this.clear();
    this.#onViolation(why);
  }
}

/** `0x7e` */
export function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}
