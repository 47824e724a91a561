/** The packets of MQTT 3.1.1 and 5 that tell what a broker was sent, and what it has sent. */
export type Packet =
  | { readonly type: 'CONNECT'; readonly clientId: string; readonly version: 4 | 5 }
  | { readonly type: 'CONNACK'; readonly sessionPresent: boolean }
  | Publish
  | { readonly type: Answer; readonly packetId: number }
  /** One filter at a time. */
  | {
      readonly type: 'SUBSCRIBE';
      readonly packetId: number;
      readonly filter: string;
      readonly identifiers: readonly number[];
    }
  | { readonly type: 'UNSUBSCRIBE'; readonly packetId: number; readonly filter: string };

export interface Publish {
  readonly type: 'PUBLISH';
  readonly packetId: number;
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly dup: boolean;
  readonly retain: boolean;
  /** Subscription Identifiers. */
  readonly identifiers: readonly number[];
}

/** What has a packet id and little else. */
type Answer = 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP' | 'SUBACK' | 'UNSUBACK';

const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;

const ANSWERS: ReadonlyMap<number, Answer> = new Map([
  [4, 'PUBACK'],
  [5, 'PUBREC'],
  [6, 'PUBREL'],
  [7, 'PUBCOMP'],
  [9, 'SUBACK'],
  [11, 'UNSUBACK'],
]);

/** The property of MQTT 5 that is a Subscription Identifier. */
const IDENTIFIER = 0x0b;

/** Finds the packets in one direction of a TCP connection, however its octets are cut. */
export class PacketReader {
  readonly #found: (packet: Packet) => void;
  readonly #version: () => 4 | 5;
  #octets = Buffer.alloc(0);

  /** `found` is called for each packet, in their order. `version`: of MQTT, as CONNECT has said it by then. */
  constructor(found: (packet: Packet) => void, version: () => 4 | 5 = () => 4) {
    this.#found = found;
    this.#version = version;
  }

  add(octets: Uint8Array): void {
    this.#octets = Buffer.concat([this.#octets, octets]);
    for (let length = this.#wholeLength(); length !== undefined; length = this.#wholeLength()) {
      const packet = read(this.#octets.subarray(0, length), this.#version());
      this.#octets = this.#octets.subarray(length);
      if (packet !== undefined) {
        this.#found(packet);
      }
    }
  }

  /** Of the packet with which the octets begin; undefined while it is not whole. */
  #wholeLength(): number | undefined {
    const length = remainingLength(this.#octets);
    const whole = length === undefined ? undefined : length.at + length.octets;
    return whole === undefined || whole > this.#octets.length ? undefined : whole;
  }
}

/** The Remaining Length of MQTT: how many octets follow, and from where on. */
function remainingLength(octets: Buffer): { readonly at: number; readonly octets: number } | undefined {
  let value = 0;
  for (let index = 1; index < 5; index += 1) {
    const octet = octets[index];
    if (octet === undefined) {
      return undefined;
    }
    value += (octet & 0x7f) * 128 ** (index - 1);
    if (octet < 0x80) {
      return { at: index + 1, octets: value };
    }
  }
  throw new Error(`no MQTT packet: ${octets.subarray(0, 5).toString('hex')}`);
}

function read(packet: Buffer, version: 4 | 5): Packet | undefined {
  const [first = 0] = packet;
  const body = packet.subarray(remainingLength(packet)?.at);
  const answer = ANSWERS.get(first >> 4);
  if (answer !== undefined) {
    return { type: answer, packetId: body.readUInt16BE(0) };
  }
  switch (first >> 4) {
    case CONNECT: {
      // Protocol name, level, flags, keep-alive, with MQTT 5 properties, and then the payload.
      const level = 2 + body.readUInt16BE(0);
      const isFive = body[level] === 5;
      return {
        type: 'CONNECT',
        clientId: textAt(body, isFive ? propertiesAt(body, level + 4).end : level + 4),
        version: isFive ? 5 : 4,
      };
    }
    case CONNACK:
      return { type: 'CONNACK', sessionPresent: body[0] === 1 };
    case PUBLISH:
      return readPublish(first, body, version);
    case SUBSCRIBE:
    case UNSUBSCRIBE: {
      const packetId = body.readUInt16BE(0);
      const { begin, end } = version === 5 ? propertiesAt(body, 2) : { begin: 2, end: 2 };
      const filter = textAt(body, end);
      return first >> 4 === UNSUBSCRIBE
        ? { type: 'UNSUBSCRIBE', packetId, filter }
        : { type: 'SUBSCRIBE', packetId, filter, identifiers: identifiersOf(body.subarray(begin, end)) };
    }
    default:
      return undefined;
  }
}

function readPublish(first: number, body: Buffer, version: 4 | 5): Publish {
  const qos = (first >> 1) & 0x03;
  const name = 2 + body.readUInt16BE(0);
  const id = qos > 0 ? name + 2 : name;
  const properties = version === 5 ? propertiesAt(body, id) : { begin: id, end: id };
  return {
    type: 'PUBLISH',
    packetId: qos > 0 ? body.readUInt16BE(name) : 0,
    topic: textAt(body, 0),
    payload: body.subarray(properties.end).toString(),
    qos,
    dup: (first & 0x08) !== 0,
    retain: (first & 0x01) !== 0,
    identifiers: identifiersOf(body.subarray(properties.begin, properties.end)),
  };
}

function textAt(body: Buffer, at: number): string {
  return body.subarray(at + 2, at + 2 + body.readUInt16BE(at)).toString();
}

/** Where the properties are whose length stands at `at`. */
function propertiesAt(body: Buffer, at: number): { readonly begin: number; readonly end: number } {
  const { value, end } = variableByteInteger(body, at);
  return { begin: end, end: end + value };
}

/** Up to the first property of another kind: a broker that names subscriptions says nothing else here. */
function identifiersOf(properties: Buffer): number[] {
  const identifiers: number[] = [];
  for (let at = 0; properties[at] === IDENTIFIER; ) {
    const { value, end } = variableByteInteger(properties, at + 1);
    identifiers.push(value);
    at = end;
  }
  return identifiers;
}

function variableByteInteger(octets: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let end = at;
  for (let more = true; more; end += 1) {
    const octet = octets[end] ?? 0;
    value += (octet & 0x7f) * 128 ** (end - at);
    more = octet >= 0x80;
  }
  return { value, end };
}
