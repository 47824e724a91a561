/** Records as they are in datagrams (RFC 6347 4.1, RFC 9146 4). */
import { joined, writeRecordNumber } from '../wire-octets.ts';

/** Content types (RFC 5246 6.2.1, RFC 9146 3). */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
export const TLS12_CID = 25;

/** { 254, 253 } (RFC 6347 4.1) */
export const DTLS_1_2 = 0xfefd;
/** { 254, 255 } */
export const DTLS_1_0 = 0xfeff;

/** Octets before the connection id, and after it: the length. */
const HEADER = 11;
const LENGTH = 2;
/** Longest plaintext of a record (RFC 5246 6.2.1), and what protection may add (RFC 5246 6.2.3). */
export const MAX_PLAIN = 1 << 14;
const MAX_FRAGMENT = MAX_PLAIN + 2_048;

/** What the header of a record says. */
export interface RecordHeader {
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  readonly sequence: number;
  /** Empty but for records of type `tls12_cid`. */
  readonly cid: Uint8Array;
}

/** One record of a datagram, where it is: views of it are made for whoever asks, for each costs as much as to decipher some octets. */
export class DtlsRecord {
  readonly datagram: Uint8Array;
  /** Where in the datagram it begins. */
  readonly at: number;
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  readonly sequence: number;
  /** Octets of the connection id; 0 but for records of type `tls12_cid`. */
  readonly cidLength: number;
  readonly fragmentLength: number;

  constructor(datagram: Uint8Array, at: number, cidLength: number, fragmentLength: number) {
    this.datagram = datagram;
    this.at = at;
    this.type = octet(datagram, at);
    this.version = 0xfe00 + octet(datagram, at + 2);
    this.epoch = octet(datagram, at + 3) * 256 + octet(datagram, at + 4);
    this.sequence = sequenceAt(datagram, at + 5);
    this.cidLength = cidLength;
    this.fragmentLength = fragmentLength;
  }

  /** Where in the datagram the connection id is, or would be. */
  get cidAt(): number {
    return this.at + HEADER;
  }

  get fragmentAt(): number {
    return this.at + HEADER + this.cidLength + LENGTH;
  }

  get fragment(): Uint8Array {
    return this.datagram.subarray(this.fragmentAt, this.fragmentAt + this.fragmentLength);
  }

  /** Octets of the whole record. */
  get length(): number {
    return HEADER + this.cidLength + LENGTH + this.fragmentLength;
  }

  /** The same without the rest of its datagram. */
  copy(): DtlsRecord {
    const octets = new Uint8Array(this.datagram.subarray(this.at, this.at + this.length));
    return new DtlsRecord(octets, 0, this.cidLength, this.fragmentLength);
  }
}

const NO_CID = new Uint8Array(0);

/**
 * The record that begins at `at`. `cidLength`: of the connection ids that the receiver has given out. Undefined: there is none, and what is left of
 * the datagram is to be dropped (RFC 6347 4.1.2.7).
 */
export function recordAt(datagram: Uint8Array, at: number, cidLength: number): DtlsRecord | undefined {
  const type = datagram[at] ?? 0;
  const withCid = type === TLS12_CID;
  const lengthAt = at + HEADER + (withCid ? cidLength : 0);
  const from = lengthAt + LENGTH;
  if (from > datagram.length || datagram[at + 1] !== 0xfe || type < CHANGE_CIPHER_SPEC || type > TLS12_CID) {
    return undefined;
  }
  const length = octet(datagram, lengthAt) * 256 + octet(datagram, lengthAt + 1);
  if (length > MAX_FRAGMENT || from + length > datagram.length) {
    return undefined;
  }
  return new DtlsRecord(datagram, at, withCid ? cidLength : 0, length);
}

/** 48 bits: exact in a number. */
function sequenceAt(datagram: Uint8Array, at: number): number {
  let value = 0;
  for (let index = at; index < at + 6; index++) {
    value = value * 256 + octet(datagram, index);
  }
  return value;
}

function octet(datagram: Uint8Array, at: number): number {
  return datagram[at] ?? 0;
}

/** Octets of the header of a record with this connection id. */
export function headerLength(cid: Uint8Array): number {
  return HEADER + cid.length + LENGTH;
}

/** Writes a header to the beginning of `record`. */
export function writeHeader(
  record: Uint8Array,
  { type, version, epoch, sequence, cid }: RecordHeader,
  fragmentLength: number,
): void {
  record[0] = type;
  record[1] = version >>> 8;
  record[2] = version;
  writeRecordNumber(record, 3, epoch, sequence);
  const at = HEADER + cid.length;
  for (let index = 0; index < cid.length; index++) {
    record[HEADER + index] = cid[index] ?? 0;
  }
  record[at] = fragmentLength >>> 8;
  record[at + 1] = fragmentLength;
}

/** A record that nothing protects (epoch 0). */
export function plainRecord(type: number, sequence: number, fragment: Uint8Array, version = DTLS_1_2): Uint8Array {
  const header = new Uint8Array(headerLength(NO_CID));
  writeHeader(header, { type, version, epoch: 0, sequence, cid: NO_CID }, fragment.length);
  return joined(header, fragment);
}
