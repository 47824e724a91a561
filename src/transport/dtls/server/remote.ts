/** Where a datagram came from. */
export interface Remote {
  /** Address and port, as one string that is different for each. */
  readonly key: string;
  /** See `Peer`. */
  readonly host: string;
  readonly address: string;
}
