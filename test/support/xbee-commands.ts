import type { ApiMode } from './xbee-api-frames.ts';

/** 0x08: a question about a parameter, or (`parameter` not empty) its change. */
export interface Command {
  readonly frameId: number;
  /** Two letters. */
  readonly name: string;
  readonly parameter: Uint8Array;
}

/** What a module answers from. */
export interface Parameters {
  readonly apiMode: ApiMode;
  /** 16 hex digits. */
  readonly address64: string;
  /** 4 hex digits; undefined: there is no such parameter. */
  readonly my: string | undefined;
  readonly name: string;
  readonly hardwareVersion: number;
  readonly firmwareVersion: number;
  /** Undefined: there is no such parameter. */
  readonly maxPayload: number | undefined;
}

const OK = 0;
const INVALID_COMMAND = 2;
const INVALID_PARAMETER = 3;

/** The command in the data of an API frame 0x08, or what is wrong with it. */
export function atCommand(frame: Uint8Array): Command | string {
  return frame.length < 4
    ? `an AT command of ${frame.length} octets`
    : { frameId: frame[1] ?? 0, name: String.fromCharCode(frame[2] ?? 0, frame[3] ?? 0), parameter: frame.slice(4) };
}

/** 0x88. Nothing can be changed here. */
export function commandAnswer({ frameId, name, parameter }: Command, parameters: Parameters): Uint8Array {
  const value = VALUES[name]?.(parameters);
  const status = value === undefined ? INVALID_COMMAND : parameter.length > 0 ? INVALID_PARAMETER : OK;
  return Uint8Array.from([
    0x88,
    frameId,
    ...Buffer.from(name, 'latin1'),
    status,
    ...(status === OK ? (value ?? []) : []),
  ]);
}

const VALUES: Readonly<Record<string, (parameters: Parameters) => Iterable<number> | undefined>> = {
  SH: ({ address64 }) => Buffer.from(address64.slice(0, 8), 'hex'),
  SL: ({ address64 }) => Buffer.from(address64.slice(8), 'hex'),
  MY: ({ my }) => (my === undefined ? undefined : Buffer.from(my, 'hex')),
  HV: ({ hardwareVersion }) => [hardwareVersion >> 8, hardwareVersion & 0xff],
  VR: ({ firmwareVersion }) => [firmwareVersion >> 8, firmwareVersion & 0xff],
  NP: ({ maxPayload }) => (maxPayload === undefined ? undefined : [maxPayload >> 8, maxPayload & 0xff]),
  AP: ({ apiMode }) => [apiMode],
  NI: ({ name }) => Buffer.from(name, 'latin1'),
};
