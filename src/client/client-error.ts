import type { Message } from '../codec/message.ts';

const MEANINGS = ['accepted', 'congestion', 'invalid topic id', 'not supported'];

/** `congestion (0x01)`; codes of 0x04 and above are reserved (§5.3.10). */
export function returnCodeText(returnCode: number): string {
  return `${MEANINGS[returnCode] ?? 'reserved return code'} (0x${returnCode.toString(16).padStart(2, '0')})`;
}

/**
 * The gateway answered with a return code other than "accepted" (§5.3.10). After 0x01 a client waits T_WAIT (more than five minutes)
 * before it publishes, subscribes or registers again (N-2): that is left to the caller.
 */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly code = 'ERR_REJECTED';
  readonly request: Message['type'];
  readonly returnCode: number;

  constructor(request: Message['type'], returnCode: number) {
    super(`${request} was rejected: ${returnCodeText(returnCode)}`);
    this.request = request;
    this.returnCode = returnCode;
  }
}

/** N_retry retransmissions were in vain (T-r2). `cause`: the last error of the medium meanwhile, if there was one. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'ERR_NO_ANSWER';
  readonly request: Message['type'];
  /** Transmissions, the first one included. */
  readonly tries: number;

  constructor(request: Message['type'], peer: string, tries: number, cause: unknown) {
    super(
      `no answer to ${request} from ${peer} after ${tries} ${tries === 1 ? 'try' : 'tries'}`,
      cause === undefined ? undefined : { cause },
    );
    this.request = request;
    this.tries = tries;
  }
}

/** What was asked for needs a connection, and there is none, or none any more. */
export class NotConnectedError extends Error {
  override readonly name: string = 'NotConnectedError';
  readonly code: 'ERR_NOT_CONNECTED' | 'ERR_ENDED_BY_GATEWAY' = 'ERR_NOT_CONNECTED';
}

/** The gateway has sent DISCONNECT, which nobody had asked for. */
export class EndedByGatewayError extends NotConnectedError {
  override readonly name = 'EndedByGatewayError';
  override readonly code = 'ERR_ENDED_BY_GATEWAY';

  constructor() {
    super('the gateway ended the connection');
  }
}
