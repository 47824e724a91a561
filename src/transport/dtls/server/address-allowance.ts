/** Octets that may go to an address from which nothing more has come than the record that named it (RFC 9146 6), beside one message. */
const OCTETS = 4_096;

/**
 * What may go to an address that has not proven itself: whoever makes the gateway believe in a wrong one gets no flood for it (RFC 9146 6). One message
 * that the client has to acknowledge, whatever its size, for else a client with nothing to say would never get one that is larger than the rest; and a
 * few kilobytes of everything else, repetitions of that message among them (I-130).
 */
export class AddressAllowance {
  #octets = OCTETS;
  #message: number | undefined;

  /** Whether a frame may go; then it counts. `message`: number of the message in it that has to be acknowledged; undefined: there is none. */
  take(octets: number, message: number | undefined): boolean {
    if (message !== undefined && this.#message === undefined) {
      this.#message = message;
      return true;
    }
    if (message !== this.#message && message !== undefined) {
      return false;
    }
    if (octets > this.#octets) {
      return false;
    }
    this.#octets -= octets;
    return true;
  }
}
