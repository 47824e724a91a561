/** Behind the client id of the gateway. */
const SHARED = '-s';

/** Client id at the broker of the connection that the clients of an aggregating gateway share. */
export function sharedClientId(gatewayClientId: string): string {
  return gatewayClientId + SHARED;
}
