/** Octets that may go to an address from which nothing more has come than the record that named it (RFC 9146 6), beside one message. */
const OCTETS = 4_096;
/** What a record has at most beside its frame and its connection id: header, nonce, content type, tag (RFC 9146 4, RFC 5288 3). */
const RECORD = 38;

/**
 * What may go to an address that has not proven itself: whoever makes the gateway believe in a wrong one gets no flood for it (RFC 9146 6). One message
 * that the client has to acknowledge, whatever its size, for else a client with nothing to say would never get one that is larger than the rest; and a
 * few kilobytes of everything else, as it is sent, repetitions of that message among them (I-130).
 */
export class AddressAllowance {
  #octets = OCTETS;
  #message: number | undefined;

  /** Whether a frame may go; then it counts. `octets`: of the frame and a connection id; `message`: number of the message in it that has to be acknowledged; undefined: there is none. */
  take(octets: number, message: number | undefined): boolean {
    if (message !== undefined && this.#message === undefined) {
      this.#message = message;
      return true;
    }
    if (message !== this.#message && message !== undefined) {
      return false;
    }
    if (octets + RECORD > this.#octets) {
      return false;
    }
    this.#octets -= octets + RECORD;
    return true;
  }
}
