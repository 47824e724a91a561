import { hex } from './xbee-api-frames.ts';
import { NO_ADDRESS_16, type RadioNode } from './xbee-node.ts';

/** What runs on the module; `802.15.4` is that of a Series 1. */
export type Firmware = 'zigbee' | 'digimesh' | '802.15.4';

/** The address of everybody. */
export const BROADCAST_64 = '000000000000ffff';

/** "Not known"; zigbee then goes by the 16-bit address. */
export const UNKNOWN_64 = 'ffffffffffffffff';

const BROADCAST_16 = 'ffff';

/** Delivery status (0x8B) and status (0x89). */
export const DELIVERY = {
  success: 0x00,
  noAck: 0x01,
  networkAck: 0x21,
  notJoined: 0x22,
  self: 0x23,
  notFound: 0x24,
  noRoute: 0x25,
  tooLong: 0x74,
} as const;

/** What one firmware does differently from the others. */
export interface FirmwareTraits {
  /** HV and VR. */
  readonly hardwareVersion: number;
  readonly firmwareVersion: number;
  /** NP; undefined: the firmware has no such parameter. */
  readonly maxPayload: number | undefined;
  /** Whether there is a parameter MY. */
  readonly address16: boolean;
  /** Bits of the transmit options that have a meaning. */
  readonly options: number;
  /** Statuses for a frame that nobody acknowledged and for an address that nobody has. */
  readonly noAck: number;
  readonly unknown: number;
  /** Discovery status when the module had to look for the node first. */
  readonly discovery: number;
  /** Receive options of a unicast and of a broadcast. */
  readonly received: readonly [number, number];
}

/** The three firmwares. */
export const FIRMWARE: Readonly<Record<Firmware, FirmwareTraits>> = {
  zigbee: {
    hardwareVersion: 0x2241,
    firmwareVersion: 0x4061,
    maxPayload: 84,
    address16: true,
    options: 0x61,
    noAck: DELIVERY.networkAck,
    unknown: DELIVERY.notFound,
    discovery: 0x01,
    received: [0x01, 0x02],
  },
  digimesh: {
    hardwareVersion: 0x2241,
    firmwareVersion: 0x9002,
    maxPayload: 73,
    address16: false,
    options: 0xcf,
    noAck: DELIVERY.networkAck,
    unknown: DELIVERY.noRoute,
    discovery: 0x02,
    received: [0xc1, 0xc2],
  },
  '802.15.4': {
    hardwareVersion: 0x1746,
    firmwareVersion: 0x10ec,
    maxPayload: undefined,
    address16: true,
    options: 0x05,
    noAck: DELIVERY.noAck,
    unknown: DELIVERY.noAck,
    discovery: 0x00,
    received: [0x00, 0x02],
  },
};

/** A frame that the gateway wants to have sent by radio. */
export interface TransmitRequest {
  readonly frameType: 0x00 | 0x01 | 0x10;
  /** 0: no status wanted. */
  readonly frameId: number;
  /** 16 hex digits; undefined in 0x01. */
  readonly dest64: string | undefined;
  /** 4 hex digits; undefined in 0x00. */
  readonly dest16: string | undefined;
  /** Most hops of a broadcast, 0 for all; undefined where the frame has none. */
  readonly radius: number | undefined;
  readonly options: number;
  readonly data: Uint8Array;
}

/** Whether the request is for everybody. */
export function isBroadcast({ dest64, dest16 }: TransmitRequest): boolean {
  return dest64 === BROADCAST_64 || (dest64 === undefined && dest16 === BROADCAST_16);
}

/** The request in the data of an API frame, or what is wrong with it. */
export function transmitRequest(frame: Uint8Array, firmware: Firmware): TransmitRequest | string {
  const frameType = frame[0] ?? 0;
  const headerLength = ({ 0: 11, 1: 5, 16: 14 } as Readonly<Record<number, number>>)[frameType];
  if (headerLength === undefined || (frameType === 0x10) === (firmware === '802.15.4')) {
    return `frame type ${hex(frameType)} is nothing for the firmware ${firmware}`;
  }
  if (frame.length <= headerLength) {
    return `a frame of type ${hex(frameType)} has ${frame.length} octets: no data`;
  }
  const address = (from: number, to: number): string => Buffer.from(frame.subarray(from, to)).toString('hex');
  const common = { frameId: frame[1] ?? 0, options: frame[headerLength - 1] ?? 0, data: frame.slice(headerLength) };
  if (frameType === 0x10) {
    return { ...common, frameType, dest64: address(2, 10), dest16: address(10, 12), radius: frame[12] };
  }
  return frameType === 0x00
    ? { ...common, frameType, dest64: address(2, 10), dest16: undefined, radius: undefined }
    : { ...common, frameType: 0x01, dest64: undefined, dest16: address(2, 4), radius: undefined };
}

/** What is against the book in a request that the module takes nevertheless. */
export function requestFaults(request: TransmitRequest, firmware: Firmware): string[] {
  const faults: string[] = [];
  if ((request.options & ~FIRMWARE[firmware].options) !== 0) {
    faults.push(`transmit options ${hex(request.options)} have bits that the firmware ${firmware} does not know`);
  }
  if (firmware === 'digimesh' && request.dest16 !== NO_ADDRESS_16) {
    faults.push(`16-bit address ${request.dest16} where DigiMesh has the reserved octets fffe`);
  }
  if (firmware === 'zigbee' && isBroadcast(request) && request.dest16 !== NO_ADDRESS_16) {
    faults.push(`a broadcast with the 16-bit address ${request.dest16} in place of fffe`);
  }
  return faults;
}

/** The outcome of a request. */
export interface Outcome {
  readonly status: number;
  /** Where it was delivered. */
  readonly address16?: string;
  readonly discovery?: number;
}

/** 0x8B or 0x89. */
export function transmitStatus(
  frameId: number,
  firmware: Firmware,
  { status, address16, discovery = 0 }: Outcome,
): Uint8Array {
  if (firmware === '802.15.4') {
    return Uint8Array.from([0x89, frameId, status]);
  }
  return Uint8Array.from([
    0x8b,
    frameId,
    ...octets(address16 ?? (status === 0 ? NO_ADDRESS_16 : 'fffd')),
    0,
    status,
    discovery,
  ]);
}

/** 0x90, 0x91, 0x80 or 0x81: a frame has come by radio. */
export function receivedFrame(
  node: RadioNode,
  data: Uint8Array,
  firmware: Firmware,
  { broadcast = false, explicit = false } = {},
): Uint8Array {
  const options = FIRMWARE[firmware].received[broadcast ? 1 : 0];
  if (firmware === '802.15.4') {
    const short = node.address16 !== NO_ADDRESS_16 && node.address16 !== BROADCAST_16;
    return Uint8Array.from([
      ...(short ? [0x81, ...octets(node.address16)] : [0x80, ...octets(node.address64)]),
      node.rssi,
      options,
      ...data,
    ]);
  }
  // The endpoints, the cluster and the profile of a module's serial data.
  return explicit
    ? explicitFrame(node, firmware, 0x0011, options, data)
    : Uint8Array.from([0x90, ...source(node, firmware), options, ...data]);
}

/**
 * 0x95 (0x91 where the module reports explicitly): somebody has pushed the commissioning button of the node. `extra`: the DD value and the
 * signal strength, where the parameter NO asks for them.
 */
export function nodeIdentification(
  node: RadioNode,
  name: string,
  firmware: Firmware,
  explicit: boolean,
  extra: Uint8Array,
): Uint8Array {
  const address16 = octets(firmware === 'zigbee' ? node.address16 : NO_ADDRESS_16);
  const router = 1;
  const pushbutton = 1;
  const identity = [
    ...address16,
    ...octets(node.address64),
    ...Buffer.from(name),
    0,
    ...octets(NO_ADDRESS_16),
    router,
    pushbutton,
    0xc1,
    0x05,
    0x10,
    0x1e,
    ...extra,
  ];
  const options = FIRMWARE[firmware].received[1];
  return explicit
    ? explicitFrame(node, firmware, 0x0095, options, Uint8Array.from(identity))
    : Uint8Array.from([0x95, ...octets(node.address64), ...address16, options, ...identity]);
}

function explicitFrame(
  node: RadioNode,
  firmware: Firmware,
  cluster: number,
  options: number,
  data: Uint8Array,
): Uint8Array {
  return Uint8Array.from([
    0x91,
    ...source(node, firmware),
    0xe8,
    0xe8,
    cluster >> 8,
    cluster & 0xff,
    0xc1,
    0x05,
    options,
    ...data,
  ]);
}

function source(node: RadioNode, firmware: Firmware): number[] {
  return [
    ...octets(node.anonymous ? UNKNOWN_64 : node.address64),
    ...octets(firmware === 'zigbee' ? node.address16 : NO_ADDRESS_16),
  ];
}

function octets(digits: string): number[] {
  return [...Buffer.from(digits, 'hex')];
}
