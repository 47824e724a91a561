/** How a client is reached: what a transport knows of the sender beside the opaque link. */
export interface Peer {
  /** Name of the transport. */
  readonly transport: string;
  /** The machine, without what changes when it picks another port: `192.0.2.7`, `fe80::1%eth0`, `0013a20040b5c1d2`, `line`. */
  readonly host: string;
  /** What an operator writes in a list of addresses: `192.0.2.7:4711`, `[2001:db8::7]:4711`, `0013a20040b5c1d2`, `line`. */
  readonly address: string;
  /** Proven by the transport (DTLS); undefined: nothing is proven. */
  readonly identity?: string;
}
