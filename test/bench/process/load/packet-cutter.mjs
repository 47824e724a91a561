/** Cuts a stream into MQTT packets. What arrives whole is not copied. */
export class PacketCutter {
  #rest = Buffer.alloc(0);
  #packet;

  /** @param {(first: number, body: Buffer) => void} packet first octet, and all behind Remaining Length */
  constructor(packet) {
    this.#packet = packet;
  }

  push(octets) {
    let data = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]);
    for (;;) {
      let length = 0;
      let at = 1;
      let more = true;
      while (more && at < data.length && at <= 4) {
        length |= (data[at] & 0x7f) << (7 * (at - 1));
        more = data[at] >= 0x80;
        at++;
      }
      if (more || data.length < at + length) {
        break;
      }
      this.#packet(data[0], data.subarray(at, at + length));
      data = data.subarray(at + length);
    }
    this.#rest = data;
  }
}
