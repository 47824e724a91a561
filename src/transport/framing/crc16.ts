/** CRC-16 in the two forms that small devices have in their libraries. */

/** `ccitt`: CRC-16/CCITT-FALSE. `modbus`: CRC-16/MODBUS. Both begin with 0xFFFF and invert nothing. */
export type CrcKind = 'ccitt' | 'modbus';

const START = 0xffff;

/** What one octet does to the register, for every octet. */
const TABLE: { readonly [K in CrcKind]: Uint16Array } = {
  // Polynomial 0x1021, most significant bit first.
  ccitt: table(
    (octet) => octet << 8,
    (register) => (register & 0x8000 ? (register << 1) ^ 0x1021 : register << 1),
  ),
  // Polynomial 0x8005, least significant bit first, hence written from behind.
  modbus: table(
    (octet) => octet,
    (register) => (register & 1 ? (register >> 1) ^ 0xa001 : register >> 1),
  ),
};

/** The CRC of `octets`, 0 to 0xFFFF. */
export function crc16(kind: CrcKind, octets: Uint8Array): number {
  const table = TABLE[kind];
  let register = START;
  if (kind === 'ccitt') {
    for (const octet of octets) {
      register = ((register << 8) & 0xffff) ^ (table[(register >> 8) ^ octet] as number);
    }
  } else {
    for (const octet of octets) {
      register = (register >> 8) ^ (table[(register & 0xff) ^ octet] as number);
    }
  }
  return register;
}

function table(first: (octet: number) => number, shift: (register: number) => number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, octet) => {
    let register = first(octet);
    for (let bit = 0; bit < 8; bit++) {
      register = shift(register) & 0xffff;
    }
    return register;
  });
}
