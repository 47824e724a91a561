/** What stands in the API frames that the gateway uses: frame data ⇄ values. All numbers are big-endian. */

/** First octet of the frame data. */
export const FRAME_TYPE = {
  txRequest64: 0x00,
  txRequest16: 0x01,
  atCommand: 0x08,
  txRequest: 0x10,
  receive64: 0x80,
  receive16: 0x81,
  atResponse: 0x88,
  txStatusLegacy: 0x89,
  modemStatus: 0x8a,
  txStatus: 0x8b,
  receive: 0x90,
  receiveExplicit: 0x91,
  nodeIdentification: 0x95,
} as const;

/** An address as lower-case hexadecimal digits: 16 for a 64-bit address, 4 for a 16-bit one. */
export type RadioAddress = string;

/** Reaches every node. */
export const BROADCAST_64: RadioAddress = '000000000000ffff';
/** "Not known". */
export const UNKNOWN_64: RadioAddress = 'ffffffffffffffff';
export const UNKNOWN_16: RadioAddress = 'fffe';

/** What a module tells. */
export type ModuleFrame =
  | {
      readonly type: 'received';
      /** 64-bit address of the sender; its 16-bit address where the module tells no other. */
      readonly from: RadioAddress;
      /** 16-bit address of the sender, where it is told beside the other. */
      readonly from16: RadioAddress | undefined;
      /** dBm, where the module tells it. */
      readonly rssi: number | undefined;
      readonly data: Uint8Array;
      /** 0x80 and 0x81: this module is to be spoken to with 0x00 and 0x01. */
      readonly legacy: boolean;
    }
  | {
      readonly type: 'transmitted';
      readonly frameId: number;
      /** 0: it arrived. */
      readonly status: number;
      /** Transmissions in vain; undefined where the module does not count them. */
      readonly retries: number | undefined;
      /** 16-bit address to which it went; undefined where unknown. */
      readonly to16: RadioAddress | undefined;
      readonly legacy: boolean;
    }
  /** `status` 0: `value` is that of the command. */
  | {
      readonly type: 'at-response';
      readonly frameId: number;
      readonly command: string;
      readonly status: number;
      readonly value: Uint8Array;
    }
  | { readonly type: 'modem-status'; readonly status: number }
  | {
      readonly type: 'node-identified';
      readonly address: RadioAddress;
      readonly address16: RadioAddress | undefined;
      readonly name: string;
      readonly role: string;
    }
  /** A type that the gateway has no use for, or one that is shorter than its type demands. */
  | { readonly type: 'other'; readonly frameType: number };

/** Digi's own profile and the cluster of serial data; what else 0x91 carries is the business of the ZigBee stack. */
const DIGI_PROFILE = 0xc105;
const SERIAL_DATA_CLUSTER = 0x0011;

const ROLES: readonly string[] = ['coordinator', 'router', 'end device'];

/** Total: frame data that makes no sense is `other`. `data` of what was received is a view into `octets`. */
export function decodeModuleFrame(octets: Uint8Array): ModuleFrame {
  const frameType = octets[0] ?? 0;
  const least = LEAST_OCTETS[frameType];
  if (least === undefined || octets.length < least) {
    return { type: 'other', frameType };
  }
  const address = (at: number, length: 2 | 8) => hexOf(octets.subarray(at, at + length));
  const octet = (at: number) => octets[at] as number;
  switch (frameType) {
    // 0x80 | source 64 (8) | RSSI (1) | options (1) | data
    case FRAME_TYPE.receive64:
      return {
        type: 'received',
        from: address(1, 8),
        from16: undefined,
        rssi: 0 - octet(9),
        data: octets.subarray(11),
        legacy: true,
      };
    // 0x81 | source 16 (2) | RSSI (1) | options (1) | data
    case FRAME_TYPE.receive16:
      return {
        type: 'received',
        from: address(1, 2),
        from16: undefined,
        rssi: 0 - octet(3),
        data: octets.subarray(5),
        legacy: true,
      };
    // 0x90 | source 64 (8) | source 16 (2) | options (1) | data
    case FRAME_TYPE.receive:
      return received(address(1, 8), address(9, 2), octets.subarray(12), frameType);
    // 0x91 | source 64 (8) | source 16 (2) | source endpoint (1) | destination endpoint (1) | cluster (2) | profile (2) | options (1) | data
    case FRAME_TYPE.receiveExplicit: {
      const cluster = (octet(13) << 8) | octet(14);
      const profile = (octet(15) << 8) | octet(16);
      if (cluster !== SERIAL_DATA_CLUSTER || profile !== DIGI_PROFILE) {
        return { type: 'other', frameType };
      }
      return received(address(1, 8), address(9, 2), octets.subarray(18), frameType);
    }
    // 0x8B | frame id (1) | destination 16 (2) | retries (1) | delivery status (1) | discovery status (1)
    case FRAME_TYPE.txStatus:
      return {
        type: 'transmitted',
        frameId: octet(1),
        status: octet(5),
        retries: octet(4),
        to16: known16(address(2, 2)),
        legacy: false,
      };
    // 0x89 | frame id (1) | status (1)
    case FRAME_TYPE.txStatusLegacy:
      return {
        type: 'transmitted',
        frameId: octet(1),
        status: octet(2),
        retries: undefined,
        to16: undefined,
        legacy: true,
      };
    // 0x88 | frame id (1) | command (2) | status (1) | value
    case FRAME_TYPE.atResponse:
      return {
        ...{ type: 'at-response', frameId: octet(1), command: String.fromCharCode(octet(2), octet(3)) },
        ...{ status: octet(4), value: octets.subarray(5) },
      };
    // 0x8A | status (1)
    case FRAME_TYPE.modemStatus:
      return { type: 'modem-status', status: octet(1) };
    default:
      return nodeIdentified(octets);
  }
}

/** Zigbee knows the 16-bit address of a sender before it knows the 64-bit one. */
function received(from64: RadioAddress, from16: RadioAddress, data: Uint8Array, frameType: number): ModuleFrame {
  const isKnown = from64 !== UNKNOWN_64;
  if (!isKnown && known16(from16) === undefined) {
    return { type: 'other', frameType }; // all such nodes would be one client
  }
  return {
    type: 'received',
    from: isKnown ? from64 : from16,
    from16: isKnown ? known16(from16) : undefined,
    rssi: undefined,
    data,
    legacy: false,
  };
}

/** 0x95 | sender 64 (8) | sender 16 (2) | options (1) | remote 16 (2) | remote 64 (8) | name, 0x00 | parent 16 (2) | device type (1) | … */
function nodeIdentified(octets: Uint8Array): ModuleFrame {
  const end = octets.indexOf(0, 22);
  if (end < 0 || octets.length < end + 4) {
    return { type: 'other', frameType: FRAME_TYPE.nodeIdentification };
  }
  const name = new TextDecoder().decode(octets.subarray(22, end)).trim();
  const role = ROLES[octets[end + 3] as number] ?? 'unknown';
  return {
    type: 'node-identified',
    address: hexOf(octets.subarray(14, 22)),
    address16: known16(hexOf(octets.subarray(12, 14))),
    name,
    role,
  };
}

const LEAST_OCTETS: Readonly<Record<number, number>> = {
  [FRAME_TYPE.receive64]: 11,
  [FRAME_TYPE.receive16]: 5,
  [FRAME_TYPE.receive]: 12,
  [FRAME_TYPE.receiveExplicit]: 18,
  [FRAME_TYPE.txStatus]: 7,
  [FRAME_TYPE.txStatusLegacy]: 3,
  [FRAME_TYPE.atResponse]: 5,
  [FRAME_TYPE.modemStatus]: 2,
  [FRAME_TYPE.nodeIdentification]: 26,
};

function known16(address: RadioAddress): RadioAddress | undefined {
  return address === UNKNOWN_16 || address === 'fffd' || address === 'ffff' ? undefined : address;
}

/** A command without a parameter: it asks for its value. `frameId`: 1–255. */
export function encodeAtQuery(frameId: number, command: string): Uint8Array {
  return Uint8Array.of(FRAME_TYPE.atCommand, frameId, command.charCodeAt(0), command.charCodeAt(1));
}

/** A frame to send. */
export interface TxRequest {
  /** 1–255: the status carries it. */
  readonly frameId: number;
  /** 16 or 4 digits. */
  readonly to: RadioAddress;
  /** Last known 16-bit address beside a 64-bit one; undefined: unknown. */
  readonly to16: RadioAddress | undefined;
  /** Hops of a broadcast; 0 = all. */
  readonly radius: number;
  readonly data: Uint8Array;
}

/** Octets of the frame data beside the data in {@link encodeTxRequest}, at most. */
export const TX_HEADER = 14;

/** 0x10 | frame id (1) | destination 64 (8) | destination 16 (2) | radius (1) | options (1) | data */
export function encodeTxRequest({ frameId, to, to16, radius, data }: TxRequest): Uint8Array {
  const isShort = to.length === 4;
  const octets = new Uint8Array(TX_HEADER + data.length);
  octets[0] = FRAME_TYPE.txRequest;
  octets[1] = frameId;
  putHex(octets, 2, isShort ? UNKNOWN_64 : to);
  putHex(octets, 10, isShort ? to : (to16 ?? UNKNOWN_16));
  octets[12] = radius;
  octets.set(data, TX_HEADER);
  return octets;
}

/** 802.15.4: 0x00 | frame id (1) | destination 64 (8) | options (1) | data, or 0x01 | frame id (1) | destination 16 (2) | options (1) | data */
export function encodeLegacyTxRequest({ frameId, to, data }: TxRequest): Uint8Array {
  const header = 3 + to.length / 2;
  const octets = new Uint8Array(header + data.length);
  octets[0] = to.length === 4 ? FRAME_TYPE.txRequest16 : FRAME_TYPE.txRequest64;
  octets[1] = frameId;
  putHex(octets, 2, to);
  octets.set(data, header);
  return octets;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal digits. */
export function hexOf(octets: Uint8Array): string {
  let digits = '';
  for (const octet of octets) {
    digits += HEX[octet];
  }
  return digits;
}

function putHex(octets: Uint8Array, at: number, digits: string): void {
  for (let i = 0; i < digits.length; i += 2) {
    octets[at + i / 2] = Number.parseInt(digits.slice(i, i + 2), 16);
  }
}
