/** Why something cannot be done with a gateway that is embedded. */

/** `ERR_NOT_RUNNING`: it has not been started, or has stopped; `ERR_RUNNING`: it runs already; `ERR_PUBLISH`: the broker does not have the message, or may not. */
export type GatewayErrorCode = 'ERR_NOT_RUNNING' | 'ERR_RUNNING' | 'ERR_PUBLISH';

/** Something cannot be done now; `code` says why in one word. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
