import type { ReceiveMark, TrafficSecrets } from '../../../ports/association-store.ts';
import type { RecordCipher } from '../crypto/record-cipher.ts';
import { roomFor, writeRecordNumber } from '../wire-octets.ts';
import {
  DTLS_1_2,
  type DtlsRecord,
  headerLength,
  MAX_PLAIN,
  plainRecord,
  type RecordHeader,
  TLS12_CID,
  writeHeader,
} from './record.ts';
import { ReplayWindow } from './replay-window.ts';

/** What a record has in it. */
export interface Content {
  /** Content type: with a connection id the one inside. */
  readonly type: number;
  readonly plain: Uint8Array;
  /** No record with a higher number has been authentic before. */
  readonly isNewest: boolean;
}

/** Why a record is dropped (RFC 6347 4.1.2.7). */
export type RecordFault = 'no-keys' | 'replayed' | 'forged';

/** Numbers of 48 bits: behind the last one an association has to be made anew (RFC 6347 4.1). */
const LAST_SEQUENCE = 2 ** 48 - 1;

const NO_CID = new Uint8Array(0);

/** The records of one association, in both directions: epoch 0 in the clear, epoch 1 protected. There is no other, for there is no renegotiation. */
export class RecordLayer {
  #plainSequence: number;
  #sequence = 0;
  /** Numbers from here on must not be used (yet). */
  numbersEnd = Number.POSITIVE_INFINITY;
  #writer: RecordCipher | undefined;
  #reader: RecordCipher | undefined;
  #window = new ReplayWindow();
  /** Records that were opened in vain. */
  #forged = 0;
  #ownCid: Uint8Array = NO_CID;
  #peerCid: Uint8Array = NO_CID;

  /** `firstSequence`: of the first record in the clear (RFC 6347 4.2.1: that of the ClientHello). */
  constructor(firstSequence: number) {
    this.#plainSequence = firstSequence;
  }

  /** Both sides have agreed on connection ids (RFC 9146 3): `own` is in what comes, `peer` in what goes; one that is empty is not sent. */
  useConnectionIds(own: Uint8Array, peer: Uint8Array): void {
    this.#ownCid = own;
    this.#peerCid = peer;
  }

  /** Keys of epoch 1. */
  install(reader: RecordCipher, writer: RecordCipher): void {
    this.#reader = reader;
    this.#writer = writer;
  }

  /** Goes on where a layer with the same keys has stopped: with records that are new to `received`, and numbers from `sendFrom` to below `end`. */
  goOn(received: ReceiveMark, sendFrom: number, end: number): void {
    this.#window = new ReplayWindow(received);
    this.#sequence = sendFrom;
    this.numbersEnd = end;
  }

  /** Records of epoch 1 that may still be sent. */
  get numbersLeft(): number {
    return Math.min(this.numbersEnd, LAST_SEQUENCE + 1) - this.#sequence;
  }

  /** There will be no numbers any more (RFC 6347 4.1). */
  get isWornOut(): boolean {
    return this.#sequence > LAST_SEQUENCE;
  }

  /** Which records have come: it changes with each. */
  get received(): ReceiveMark {
    return this.#window;
  }

  /** The connection ids: of what comes, and of what goes. */
  get ownCid(): Uint8Array {
    return this.#ownCid;
  }

  get peerCid(): Uint8Array {
    return this.#peerCid;
  }

  /** The keys of a server's layer; undefined: there are none. */
  get secrets(): TrafficSecrets | undefined {
    const [client, server] = [this.#reader, this.#writer];
    return client && server
      ? { clientKey: client.key, clientIv: client.iv, serverKey: server.key, serverIv: server.iv }
      : undefined;
  }

  get hasKeys(): boolean {
    return this.#reader !== undefined;
  }

  /** So many records were forged that these keys must not open any more. */
  get isForgedTooOften(): boolean {
    return this.#reader !== undefined && this.#forged > this.#reader.maxForged;
  }

  /** A record in the clear. */
  plain(type: number, fragment: Uint8Array): Uint8Array {
    const sequence = this.#plainSequence;
    this.#plainSequence += 1;
    return plainRecord(type, sequence, fragment);
  }

  /** A protected record; undefined: there are no numbers left, for now or for good, or no keys. */
  sealed(type: number, plain: Uint8Array): Uint8Array | undefined {
    const writer = this.#writer;
    const sequence = this.#sequence;
    if (writer === undefined || this.numbersLeft <= 0) {
      return undefined;
    }
    this.#sequence += 1;
    const cid = this.#peerCid;
    const withCid = cid.length > 0;
    const at = headerLength(cid);
    const from = at + writer.explicitNonceLength;
    const length = withCid ? plain.length + 1 : plain.length;
    const record = roomFor(at + length + writer.overhead); // the header and what is sealed fill all of it
    const header = { type: withCid ? TLS12_CID : type, version: DTLS_1_2, epoch: 1, sequence, cid };
    writeHeader(record, header, record.length - at);
    record.set(plain, from);
    if (withCid) {
      record[from + plain.length] = type; // DTLSInnerPlaintext (RFC 9146 4), without padding
    }
    writer.seal(record, at, length, additionalData(header, cid, 0, cid.length, length), 1, sequence);
    return record;
  }

  /** What a record of epoch 1 has in it, once: then it is a replay. */
  open(record: DtlsRecord): Content | RecordFault {
    const reader = this.#reader;
    if (reader === undefined) {
      return 'no-keys';
    }
    const { sequence, fragmentLength } = record;
    const length = fragmentLength - reader.overhead;
    // RFC 9146 4: who has agreed on a connection id takes no record without.
    const withCid = this.#ownCid.length > 0;
    if (record.epoch !== 1 || record.version !== DTLS_1_2 || length < 0 || withCid !== isWithCid(record)) {
      return 'forged';
    }
    if (!this.#window.isNew(sequence)) {
      return 'replayed';
    }
    const { datagram, fragmentAt, cidAt, cidLength } = record;
    const inner = this.isForgedTooOften
      ? undefined
      : reader.open(
          datagram,
          fragmentAt,
          length,
          additionalData(record, datagram, cidAt, cidLength, length),
          1,
          sequence,
        );
    if (inner === undefined) {
      this.#forged += 1;
      return 'forged';
    }
    const isNewest = sequence > this.#window.highest;
    this.#window.note(sequence);
    if (!withCid) {
      return inner.length > MAX_PLAIN ? 'forged' : { type: record.type, plain: inner, isNewest };
    }
    const end = lastNonZero(inner);
    return end < 0 || end > MAX_PLAIN
      ? 'forged' // RFC 9146 4: nothing but zeros
      : { type: inner[end] ?? 0, plain: inner.subarray(0, end), isNewest };
  }
}

function isWithCid({ type }: DtlsRecord): boolean {
  return type === TLS12_CID;
}

function lastNonZero(octets: Uint8Array): number {
  let at = octets.length - 1;
  while (at >= 0 && octets[at] === 0) {
    at -= 1;
  }
  return at;
}

/** Additional data is used again for each record, for it costs to make it: a cipher copies it at once. By its length. */
const ADDITIONAL: Uint8Array[] = [];

/**
 * RFC 5246 6.2.3.3 with the number of RFC 6347 4.1.2.1, or RFC 9146 5.3. The connection id is in `octets`, from `cidAt`. What is returned is good until
 * the next call.
 */
function additionalData(
  { type, version, epoch, sequence }: Omit<RecordHeader, 'cid'>,
  octets: Uint8Array,
  cidAt: number,
  cidLength: number,
  length: number,
): Uint8Array {
  const withCid = type === TLS12_CID;
  const size = withCid ? 23 + cidLength : 13;
  ADDITIONAL[size] ??= roomFor(size);
  const data = ADDITIONAL[size];
  if (!withCid) {
    writeRecordNumber(data, 0, epoch, sequence);
    data[8] = type;
    data[9] = version >>> 8;
    data[10] = version;
    data[11] = length >>> 8;
    data[12] = length;
    return data;
  }
  data.fill(0xff, 0, 8); // seq_num_placeholder
  data[8] = TLS12_CID;
  data[9] = cidLength;
  data[10] = TLS12_CID;
  data[11] = version >>> 8;
  data[12] = version;
  writeRecordNumber(data, 13, epoch, sequence);
  for (let index = 0; index < cidLength; index++) {
    data[21 + index] = octets[cidAt + index] ?? 0;
  }
  data[size - 2] = length >>> 8;
  data[size - 1] = length;
  return data;
}
