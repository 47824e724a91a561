/** ClientHello, HelloVerifyRequest and ServerHello (RFC 5246 7.4.1, RFC 6347 4.2.1), with the extensions that are spoken. */
import { MalformedError, OctetReader } from '../octet-reader.ts';
import { DTLS_1_0, DTLS_1_2 } from '../records/record.ts';
import { joined, numberOctets, vector } from '../wire-octets.ts';

/** Numbers of extensions: RFC 8422 5.1, RFC 7627 5.1, RFC 9146 3, RFC 5746 3.2. */
export const SUPPORTED_GROUPS = 10;
export const EC_POINT_FORMATS = 11;
export const EXTENDED_MASTER_SECRET = 23;
export const CONNECTION_ID = 54;
export const RENEGOTIATION_INFO = 0xff01;

/** RFC 5746 3.3: stands in the list of suites for an empty `renegotiation_info`. */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;

/** Extensions by number. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

export interface ClientHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cookie: Uint8Array;
  /** In the order of the client. */
  readonly suites: readonly number[];
  readonly compressionMethods: Uint8Array;
  readonly extensions: Extensions;
}

export interface ServerHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly suite: number;
  readonly compressionMethod: number;
  readonly extensions: Extensions;
}

/** Throws `MalformedError`. */
export function readClientHello(body: Uint8Array): ClientHello {
  const reader = new OctetReader(body);
  const version = reader.number(2);
  const random = reader.take(32);
  const sessionId = reader.vector(1);
  const cookie = reader.vector(1);
  const suites = numbersOf(reader.vector(2));
  const compressionMethods = reader.vector(1);
  const extensions = readExtensions(reader);
  if (sessionId.length > 32 || suites.length === 0 || compressionMethods.length === 0) {
    throw new MalformedError('a session id that is too long, no suite, or no compression method');
  }
  return { version, random, sessionId, cookie, suites, compressionMethods, extensions };
}

/** The body of a ClientHello. */
export function clientHelloBody(hello: ClientHello): Uint8Array {
  return joined(
    numberOctets(hello.version, 2),
    hello.random,
    vector(hello.sessionId, 1),
    vector(hello.cookie, 1),
    vector(numberList(hello.suites), 2),
    vector(hello.compressionMethods, 1),
    extensionOctets(hello.extensions),
  );
}

/** Throws `MalformedError`. */
export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new OctetReader(body);
  const version = reader.number(2);
  const random = reader.take(32);
  reader.vector(1); // session id: none is resumed
  const suite = reader.number(2);
  const compressionMethod = reader.number(1);
  return { version, random, suite, compressionMethod, extensions: readExtensions(reader) };
}

/** The body of a ServerHello; without a session id, for none is resumed. */
export function serverHelloBody({ version, random, suite, compressionMethod, extensions }: ServerHello): Uint8Array {
  return joined(
    numberOctets(version, 2),
    random,
    Uint8Array.of(0),
    numberOctets(suite, 2),
    numberOctets(compressionMethod, 1),
    extensionOctets(extensions),
  );
}

/** The body of a HelloVerifyRequest; RFC 6347 4.2.1: its version is DTLS 1.0 whatever is agreed on later. */
export function helloVerifyRequestBody(cookie: Uint8Array): Uint8Array {
  return joined(numberOctets(DTLS_1_0, 2), vector(cookie, 1));
}

/** The cookie of a HelloVerifyRequest. Throws `MalformedError`. */
export function readHelloVerifyRequest(body: Uint8Array): Uint8Array {
  const reader = new OctetReader(body);
  reader.number(2);
  const cookie = reader.vector(1);
  reader.end();
  return cookie;
}

/** Numbers of 16 bits, one behind the other. Throws `MalformedError`. */
export function numbersOf(octets: Uint8Array): number[] {
  const reader = new OctetReader(octets);
  const numbers: number[] = [];
  while (reader.left > 0) {
    numbers.push(reader.number(2));
  }
  return numbers;
}

export function numberList(numbers: readonly number[]): Uint8Array {
  return joined(...numbers.map((number) => numberOctets(number, 2)));
}

/** Whether a client with this version speaks DTLS 1.2: later versions have lower numbers (RFC 6347 4.1). */
export function speaksDtls12(version: number): boolean {
  return version >> 8 === 0xfe && version <= DTLS_1_2;
}

/** None at all where nothing is left (RFC 5246 7.4.1.2). */
function readExtensions(reader: OctetReader): Extensions {
  const extensions = new Map<number, Uint8Array>();
  if (reader.left === 0) {
    return extensions;
  }
  const list = new OctetReader(reader.vector(2));
  reader.end();
  while (list.left > 0) {
    const number = list.number(2);
    const data = list.vector(2);
    if (extensions.has(number)) {
      throw new MalformedError(`extension ${number} is there twice`); // RFC 5246 7.4.1.4
    }
    extensions.set(number, data);
  }
  return extensions;
}

function extensionOctets(extensions: Extensions): Uint8Array {
  if (extensions.size === 0) {
    return new Uint8Array(0);
  }
  const all = [...extensions].map(([number, data]) => joined(numberOctets(number, 2), vector(data, 2)));
  return vector(joined(...all), 2);
}
