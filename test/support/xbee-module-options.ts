import type { ApiMode } from './xbee-api-frames.ts';
import type { Firmware } from './xbee-firmware.ts';
import type { RadioNodeOptions } from './xbee-node.ts';
import type { RadioConditions } from './xbee-radio.ts';

/** What a module and its network are made of; nothing given: Zigbee, API mode 1, one node, nothing ever lost. */
export interface XBeeModuleOptions extends Partial<RadioConditions> {
  /** Of the device; default: in a folder of its own. */
  readonly path?: string;
  /** AP. Default 1. */
  readonly apiMode?: ApiMode;
  /** Default zigbee. */
  readonly firmware?: Firmware;
  /** HV and VR in place of those that go with the firmware. */
  readonly hardwareVersion?: number;
  readonly firmwareVersion?: number;
  /** 16 hex digits. */
  readonly address64?: string;
  /** MY, 4 hex digits. Default 0000, the coordinator's. */
  readonly address16?: string;
  /** NI. Default: a blank, as from the factory. */
  readonly name?: string;
  /** NP. Default 84 (Zigbee), 73 (DigiMesh), no such command (802.15.4). */
  readonly maxPayload?: number;
  /** Whether it has made the network or joined it: modem status 6 or 2 after a reset. Default true. */
  readonly coordinator?: boolean;
  /** How long it takes from a reset until the module is in its network again, in ms. Default 20. */
  readonly joinDelay?: number;
  /** AO = 1: reports 0x91 in place of 0x90. */
  readonly explicitReceive?: boolean;
  /** How many, or which. Default 1. */
  readonly nodes?: number | readonly RadioNodeOptions[];
  /** Of the random numbers. Default 1. */
  readonly seed?: number;
}
