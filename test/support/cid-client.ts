/**
 * A DTLS client with connection ids, written from RFC 6347, RFC 5487 and RFC 9146 and apart from the gateway's own code, so that a mistake on one
 * side is not made on the other as well: TLS_PSK_WITH_AES_128_GCM_SHA256, extended master secret, nothing else.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

const u = (value: number, width: number): Buffer => {
  const octets = Buffer.alloc(width);
  octets.writeUIntBE(value, 0, width);
  return octets;
};

export interface CidClientOptions {
  readonly identity: string;
  readonly key: Uint8Array;
  /** The connection id that this client wants in what it gets; undefined: it offers none, and hears nothing but the handshake. */
  readonly ownCid: Buffer | undefined;
  /** Sends a datagram to the server; what it returns is what comes back. */
  readonly roundTrip: (datagram: Buffer) => readonly Uint8Array[];
}

export class CidClient {
  /** The connection id of the server, once it has said it. */
  serverCid: Buffer = Buffer.alloc(0);
  /** Number of the next record of epoch 1. */
  sequence = 0;
  /** Frames that have come. */
  readonly heard: string[] = [];
  readonly #options: CidClientOptions;
  #writeKey: Buffer = Buffer.alloc(0);
  #readKey: Buffer = Buffer.alloc(0);
  #writeSalt: Buffer = Buffer.alloc(0);
  #readSalt: Buffer = Buffer.alloc(0);

  constructor(options: CidClientOptions) {
    this.#options = options;
  }

  /** The whole handshake; Error where the server's Finished is wrong or does not come. */
  connect(): void {
    const steps = this.handshake();
    for (let step = steps.next(); !step.done; ) {
      step = steps.next(this.#options.roundTrip(step.value));
    }
  }

  /** The handshake, for whoever sends its datagrams and brings what comes back. Error where the server's Finished is wrong or does not come. */
  *handshake(): Generator<Buffer, void, readonly Uint8Array[]> {
    const { identity, key, ownCid } = this.#options;
    const random = randomBytes(32);
    const hello = (cookie: Buffer): Buffer => {
      const cid = ownCid && Buffer.concat([u(54, 2), u(ownCid.length + 1, 2), u(ownCid.length, 1), ownCid]);
      const extensions = Buffer.concat([u(23, 2), u(0, 2), cid ?? Buffer.alloc(0)]);
      return Buffer.concat([
        Buffer.from('fefd', 'hex'),
        random,
        u(0, 1),
        u(cookie.length, 1),
        cookie,
        Buffer.from('000200a80100', 'hex'),
        u(extensions.length, 2),
        extensions,
      ]);
    };
    const [request] = yield clear(0, message(1, 0, hello(Buffer.alloc(0))));
    const question = Buffer.from(request ?? []);
    const cookie = question.subarray(28, 28 + (question[27] ?? 0));
    const second = message(1, 1, hello(cookie));
    const flight = Buffer.concat((yield clear(1, second)).map((each) => Buffer.from(each)));
    const messages: Buffer[] = [];
    for (let at = 0; at < flight.length; ) {
      const length = flight.readUInt16BE(at + 11);
      messages.push(flight.subarray(at + 13, at + 13 + length));
      at += 13 + length;
    }
    const [serverHello = Buffer.alloc(0)] = messages;
    const serverRandom = serverHello.subarray(14, 46);
    this.serverCid = Buffer.from(ownCid ? cidIn(serverHello.subarray(12)) : []);

    const identityOctets = Buffer.from(identity);
    const exchange = message(16, 2, Buffer.concat([u(identityOctets.length, 2), identityOctets]));
    const transcript = [second, ...messages, exchange];
    const zeros = Buffer.alloc(key.length);
    const premaster = Buffer.concat([u(key.length, 2), zeros, u(key.length, 2), key]);
    const master = prf(premaster, 'extended master secret', sha(transcript), 48);
    const block = prf(master, 'key expansion', Buffer.concat([serverRandom, random]), 40);
    this.#writeKey = block.subarray(0, 16);
    this.#readKey = block.subarray(16, 32);
    this.#writeSalt = block.subarray(32, 36);
    this.#readSalt = block.subarray(36, 40);

    const finished = message(20, 3, prf(master, 'client finished', sha(transcript), 12));
    const changeCipherSpec = Buffer.from('14fefd000000000000000300 0101'.replace(' ', ''), 'hex');
    const answers = yield Buffer.concat([clear(2, exchange), changeCipherSpec, this.record(22, finished)]);
    const expected = prf(master, 'server finished', sha([...transcript, finished]), 12).toString('hex');
    const heard = answers.flatMap((each) => this.open(Buffer.from(each)));
    if (ownCid === undefined && answers.length > 0) {
      return; // RFC 9146 is what this is for
    }
    if (!heard.some(({ type, plain }) => type === 22 && plain.subarray(12).toString('hex') === expected)) {
      throw new Error('the server has not proven that it has the key');
    }
  }

  /** A record of epoch 1 as RFC 9146 4 has it, with the next number; `padding`: zeros behind the type. */
  record(type: number, plain: Uint8Array, padding = 0): Buffer {
    const withCid = this.#options.ownCid !== undefined;
    const inner = withCid ? Buffer.concat([plain, u(type, 1), Buffer.alloc(padding)]) : plain;
    const number = Buffer.concat([u(1, 2), u(this.sequence++, 6)]);
    const cipher = createCipheriv('aes-128-gcm', this.#writeKey, Buffer.concat([this.#writeSalt, number]));
    const head = Buffer.concat([u(withCid ? 25 : type, 1), Buffer.from('fefd', 'hex')]);
    // RFC 5246 6.2.3.3 where there is no connection id
    const aad = withCid
      ? additional(number, this.serverCid, inner.length)
      : Buffer.concat([number, head, u(inner.length, 2)]);
    cipher.setAAD(aad);
    const sealed = Buffer.concat([number, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([head, number, this.serverCid, u(sealed.length, 2), sealed]);
  }

  /** A frame as a record. */
  frame(text: string): Buffer {
    return this.record(23, Buffer.from(text));
  }

  /** Sends a frame, and hears what comes back. */
  say(text: string): void {
    this.hear(this.#options.roundTrip(this.frame(text)));
  }

  /** Datagrams of the server. */
  hear(datagrams: readonly Uint8Array[]): void {
    for (const { type, plain } of datagrams.flatMap((each) => this.open(Buffer.from(each)))) {
      if (type === 23) {
        this.heard.push(plain.toString());
      }
    }
  }

  /** What the records of a datagram have in them, in their order. */
  open(datagram: Buffer): { readonly type: number; readonly plain: Buffer }[] {
    const found: { type: number; plain: Buffer }[] = [];
    const { ownCid = Buffer.alloc(0) } = this.#options;
    for (let at = 0; at < datagram.length; ) {
      const withCid = datagram[at] === 25;
      const lengthAt = at + 11 + (withCid ? ownCid.length : 0);
      const sealed = datagram.subarray(lengthAt + 2, lengthAt + 2 + datagram.readUInt16BE(lengthAt));
      if (withCid) {
        const number = datagram.subarray(at + 3, at + 11);
        const nonce = Buffer.concat([this.#readSalt, sealed.subarray(0, 8)]);
        const decipher = createDecipheriv('aes-128-gcm', this.#readKey, nonce);
        const cid = datagram.subarray(at + 11, lengthAt);
        decipher.setAAD(additional(number, cid, sealed.length - 24));
        decipher.setAuthTag(sealed.subarray(-16));
        const inner = Buffer.concat([decipher.update(sealed.subarray(8, -16)), decipher.final()]);
        let end = inner.length - 1;
        while (inner[end] === 0) {
          end--;
        }
        found.push({ type: inner[end] ?? 0, plain: inner.subarray(0, end) });
      }
      at = lengthAt + 2 + sealed.length;
    }
    return found;
  }
}

/** RFC 9146 5.3 */
function additional(number: Buffer, cid: Buffer, innerLength: number): Buffer {
  const head = Buffer.concat([Buffer.alloc(8, 0xff), u(25, 1), u(cid.length, 1), u(25, 1), Buffer.from('fefd', 'hex')]);
  return Buffer.concat([head, number, cid, u(innerLength, 2)]);
}

function clear(sequence: number, fragment: Buffer): Buffer {
  return Buffer.concat([Buffer.from('16fefd0000', 'hex'), u(sequence, 6), u(fragment.length, 2), fragment]);
}

function message(type: number, messageSeq: number, body: Buffer): Buffer {
  return Buffer.concat([u(type, 1), u(body.length, 3), u(messageSeq, 2), u(0, 3), u(body.length, 3), body]);
}

function cidIn(serverHello: Buffer): Buffer {
  const sessionId = serverHello[34] ?? 0;
  for (let at = 35 + sessionId + 5; at < serverHello.length; ) {
    const length = serverHello.readUInt16BE(at + 2);
    if (serverHello.readUInt16BE(at) === 54) {
      return serverHello.subarray(at + 5, at + 4 + length);
    }
    at += 4 + length;
  }
  throw new Error('the server has not agreed on a connection id');
}

function sha(messages: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(messages)).digest();
}

function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const mac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest();
  let a = mac(labelled);
  let output: Buffer = Buffer.alloc(0);
  while (output.length < length) {
    output = Buffer.concat([output, mac(Buffer.concat([a, labelled]))]);
    a = mac(a);
  }
  return output.subarray(0, length);
}
