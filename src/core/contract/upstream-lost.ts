/** What was to go out on a connection, and still waits for the disk behind what its client waits for. */
export interface KeptBack {
  /** Of PUBLISH, PUBREL, SUBSCRIBE and UNSUBSCRIBE. */
  readonly packetIds: ReadonlySet<number>;
  /** Publishes with QoS 0, which are the last of those of their client. */
  readonly qos0: number;
}

/**
 * The connection is over without our doing: it could not be made (`connected` was never reported), it broke, or the
 * broker said DISCONNECT. `reason`: for people. `takenOver`: the same client id connected elsewhere (MQTT 5: 0x8E).
 */
export interface UpstreamLost {
  readonly type: 'upstream-lost';
  readonly connection: number;
  readonly reason: string;
  readonly takenOver: boolean;
  /** MQTT 5: the reason code of the broker's DISCONNECT; undefined: it sent none. */
  readonly reasonCode?: number;
  /** It was ended on this side: no answer to a ping, a packet that breaks the protocol. */
  readonly ours?: true;
  /** With `ours`: what the broker sent could not be read, which may be its answer to a packet (I-42). */
  readonly unreadable?: true;
  /** CONNECT has not gone out: the broker has not heard of this attempt. */
  readonly unsent?: true;
  /** What of ours waits for the disk, and has not gone out on it (I-38); undefined: nothing. */
  readonly kept?: KeptBack;
}
