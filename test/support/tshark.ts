import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hexOf } from './raw-sensor.ts';

/** Port that the datagrams of the capture file come from. */
const SERVICE_PORT = 1884;
const SENSOR_PORT = 50_000;
/** LINKTYPE_RAW: each packet begins with its IP header. */
const LINKTYPE_RAW = 101;
const FIELDS = ['frame.protocols', 'mqttsn.msg.type', 'mqttsn.msg.len', '_ws.malformed', '_ws.expert.message'] as const;

/** What the dissector of Wireshark says of one datagram. */
export interface Dissection {
  readonly frame: Uint8Array;
  /** MsgTypes from the outside in: an encapsulated message has two. */
  readonly types: readonly number[];
  /** Octets that the messages claim, together. */
  readonly length: number;
  /** Malformed and expert marks; empty: nothing to complain of. */
  readonly complaints: readonly string[];
}

/**
 * Lets one tshark dissect MQTT-SN datagrams (as a file, not a live capture), as a second opinion beside our own codec.
 * The i-th dissection is that of the i-th frame.
 */
export async function dissect(frames: readonly Uint8Array[]): Promise<Dissection[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tshark-'));
  try {
    const file = join(directory, 'frames.pcap');
    await writeFile(file, captureOf(frames));
    const options = [
      '-r',
      file,
      '-d',
      `udp.port==${SERVICE_PORT},mqttsn`,
      '-T',
      'fields',
      '-E',
      'separator=/t',
      '-E',
      'aggregator=;',
    ];
    const { stdout } = await promisify(execFile)('tshark', [...options, ...FIELDS.flatMap((field) => ['-e', field])], {
      maxBuffer: 256 * 1024 * 1024,
    });
    const lines = stdout.split('\n').slice(0, -1);
    if (lines.length !== frames.length) {
      throw new Error(`tshark dissected ${lines.length} datagrams of ${frames.length}`);
    }
    return frames.map((frame, index) => dissectionOf(frame, lines[index] ?? ''));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Fails unless tshark reads each datagram as the MQTT-SN message that its MsgType octet says, without any mark. What tshark misreads is
 * never sent by a gateway: empty WILLTOPIC and WILLTOPICUPD, SUBSCRIBE and UNSUBSCRIBE with pre-defined ids, GWINFO with an address.
 */
export async function expectWellFormed(frames: readonly Uint8Array[]): Promise<void> {
  if (frames.length === 0) {
    throw new Error('no frames to dissect: was the gateway observed at all?');
  }
  const dissections = await dissect(frames);
  const wrong = dissections.flatMap((dissection) => {
    const objections = objectionsTo(dissection);
    return objections.length === 0 ? [] : [`${hexOf(dissection.frame)}: ${objections.join('; ')}`];
  });
  if (wrong.length > 0) {
    throw new Error(`tshark on ${wrong.length} of ${frames.length} frames that the gateway sent:\n${wrong.join('\n')}`);
  }
}

function objectionsTo({ frame, types, length, complaints }: Dissection): string[] {
  const objections = [...complaints];
  const expected = messageTypesOf(frame);
  if (types.join() !== expected.join()) {
    objections.push(`MsgTypes ${types.join(', ')} instead of ${expected.join(', ')}`);
  }
  if (length !== frame.length) {
    objections.push(`Length ${length} in a datagram of ${frame.length}`);
  }
  return objections;
}

/** The MsgType octets of a frame, by position alone (1.1, 5.5). */
function messageTypesOf(frame: Uint8Array): number[] {
  const type = frame[0] === 1 ? frame[3] : frame[1];
  return type === 0xfe ? [type, ...messageTypesOf(frame.subarray(frame[0]))] : [type ?? -1];
}

function dissectionOf(frame: Uint8Array, line: string): Dissection {
  const [protocols = '', types = '', lengths = '', malformed = '', expert = ''] = line.split('\t');
  const complaints = [malformed, expert].filter((complaint) => complaint !== '');
  if (!protocols.endsWith(':mqttsn')) {
    complaints.push(`not MQTT-SN to tshark, but ${protocols}`);
  }
  const length = numbersOf(lengths).reduce((sum, octets) => sum + octets, 0);
  return { frame, types: numbersOf(types), length, complaints };
}

function numbersOf(field: string): number[] {
  return field === '' ? [] : field.split(';').map(Number);
}

/** A capture file (pcap) with one IPv4 packet for each frame, from the gateway's port. */
function captureOf(frames: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0); // magic number, microseconds
  header.writeUInt16LE(2, 4); // version 2.4
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16); // longest packet
  header.writeUInt32LE(LINKTYPE_RAW, 20);
  return Buffer.concat([
    header,
    ...frames.flatMap((frame, index) => [recordHeader(frame, index), ipHeader(frame), udpHeader(frame), frame]),
  ]);
}

function recordHeader(frame: Uint8Array, index: number): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt32LE(index, 0); // seconds: only to tell the packets apart
  record.writeUInt32LE(28 + frame.length, 8);
  record.writeUInt32LE(28 + frame.length, 12);
  return record;
}

function ipHeader(frame: Uint8Array): Buffer {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45; // IPv4, 20 octets
  ip.writeUInt16BE(28 + frame.length, 2);
  ip[8] = 64; // TTL
  ip[9] = 17; // UDP
  ip.set([127, 0, 0, 1], 12);
  ip.set([127, 0, 0, 1], 16);
  return ip;
}

function udpHeader(frame: Uint8Array): Buffer {
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(SERVICE_PORT, 0);
  udp.writeUInt16BE(SENSOR_PORT, 2);
  udp.writeUInt16BE(8 + frame.length, 4);
  return udp; // checksum 0: none
}
