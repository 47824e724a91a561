/** The numbers that modules report, in words for the log. */

/** Delivery status of 0x8B; 0x89 shares most of them. */
const DELIVERY: Readonly<Record<number, string>> = {
  1: 'no acknowledgement from the next node (MAC)',
  2: 'the channel was never free (CCA)',
  3: 'the frame was purged before it was asked for',
  4: 'the transceiver could not complete the transmission',
  21: 'invalid destination endpoint',
  33: 'no acknowledgement from the node',
  34: 'the module has not joined a network',
  35: 'it is the own address of the module',
  36: 'the address was not found',
  37: 'no route was found',
  38: 'no neighbour repeated the broadcast',
  44: 'the module lacks free buffers',
  49: 'internal error of the module',
  50: 'the module lacks free buffers',
  52: 'no secure session',
  53: 'encryption failed',
  116: 'the payload is too large for this route',
  117: 'the node did not fetch the frame',
};

/** Why a frame did not arrive. */
export function deliveryWords(status: number): string {
  return DELIVERY[status] ?? `delivery status ${hex(status)}`;
}

/** The module could not take the frame now; it may a moment later. */
export function isBusy(status: number, legacy: boolean): boolean {
  return status === 0x32 || (status === 0x2c && !legacy);
}

/** The 16-bit address that the gateway remembers, or the route to it, is wrong. */
export function isAddressTrouble(status: number): boolean {
  return status === 0x24 || status === 0x25;
}

const MODEM: Readonly<Record<number, string>> = {
  0: 'it was reset',
  1: 'its watchdog reset it',
  2: 'joined a network',
  3: 'left the network',
  6: 'coordinator started',
  7: 'network security key was updated',
  11: 'network woke up',
  12: 'network went to sleep',
  13: 'supply voltage is too high',
  17: 'its configuration changed while it joined',
};

/** Modem status (0x8A). */
export function modemStatusWords(status: number): string {
  return MODEM[status] ?? (status >= 0x80 ? `error of its stack, ${hex(status)}` : `status ${hex(status)}`);
}

/** Nothing of what the module was given before will be reported any more. */
export function isReset(modemStatus: number): boolean {
  return modemStatus === 0 || modemStatus === 1;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
