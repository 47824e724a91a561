/** What kind of network a module speaks, by its hardware and firmware versions (AT commands HV and VR). */

export type RadioKind = 'Zigbee' | 'DigiMesh' | '802.15.4';

/** What is known of a module. */
export interface ModuleVersion {
  /** HV; its high octet is the kind of hardware. */
  readonly hardware: number | undefined;
  /** VR, four hexadecimal digits. */
  readonly firmware: number | undefined;
}

/** By the high octet of HV: the first digit of VR that stands for a kind; `default` for every other digit. */
interface Family {
  readonly hardware: readonly number[];
  readonly digits: Readonly<Partial<Record<number, RadioKind>>>;
  readonly default: RadioKind;
}

const FAMILIES: readonly Family[] = [
  // Series 1
  { hardware: [0x17, 0x18], digits: { 8: 'DigiMesh' }, default: '802.15.4' },
  // Series 2, S2B
  { hardware: [0x19, 0x1a, 0x1e], digits: {}, default: 'Zigbee' },
  // S2C
  { hardware: [0x21, 0x22, 0x2d, 0x2e, 0x30], digits: { 2: '802.15.4', 9: 'DigiMesh' }, default: 'Zigbee' },
  // S2D
  { hardware: [0x32, 0x33, 0x34, 0x35], digits: {}, default: 'Zigbee' },
  // XBee 3
  { hardware: [0x41, 0x42, 0x43], digits: { 2: '802.15.4', 3: 'DigiMesh' }, default: 'Zigbee' },
  // 868 and 900 MHz
  { hardware: [0x1b, 0x1d, 0x23, 0x24, 0x26, 0x2c, 0x31, 0x3e, 0x3f, 0x45], digits: {}, default: 'DigiMesh' },
];

/** The kind of a module; undefined where its hardware is not known. */
export function radioKind({ hardware, firmware }: ModuleVersion): RadioKind | undefined {
  if (hardware === undefined) {
    return undefined;
  }
  const family = FAMILIES.find((each) => each.hardware.includes(hardware >> 8));
  if (family === undefined) {
    return undefined;
  }
  const digit = firmware === undefined ? undefined : (firmware >> 12) & 0xf;
  return (digit === undefined ? undefined : family.digits[digit]) ?? family.default;
}

/** Largest payload where the module does not tell (NP), in octets: the sizes of §7.4 and of a frame of 802.15.4. */
export function usualPayload(kind: RadioKind | undefined): number {
  return kind === '802.15.4' ? 100 : 60;
}
