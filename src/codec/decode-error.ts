/**
 * Why octets are not a message of MQTT-SN v1.2.
 * `empty`: a datagram without octets. `truncated`: shorter than its Length says, or than a header. `badLength`: a Length that no
 * message can have. `trailing`: octets behind the message. `unknownType`: a reserved MsgType. `malformed`: the fields do not fit the type.
 */
export type DecodeReason = 'empty' | 'truncated' | 'badLength' | 'trailing' | 'unknownType' | 'malformed';

/** The other side sent nonsense. The only error that the decoder throws. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'ERR_DECODE';
  readonly reason: DecodeReason;

  constructor(reason: DecodeReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
