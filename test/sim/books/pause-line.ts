/** What the books of the pauses know of the connections of one client, or of the gateway's own. Times in milliseconds of virtual time. */

export interface Line {
  connection: number;
  /** When the last attempt began. */
  begunAt: number;
  /** When the present connection stood; undefined: it does not. */
  stoodAt: number | undefined;
  /** Attempts that failed, and connections that broke, since one lasted or the client asked for one. */
  fails: number;
  /** The same, whatever the client asked for: a repetition of a CONNECT that was answered lets no pause begin anew. */
  mostFails: number;
  /** The last one, the own one, had stood and may have ended by a publish. */
  felled: boolean;
  /** The same, with which the trials began: the pause is the shortest one, but the next one is longer. */
  fellFirst: boolean;
  /** An attempt has failed since it stood last. */
  failed: boolean;
  /** When the last of them was over; undefined: whatever comes next is no repetition. */
  endedAt: number | undefined;
  /** The same by the running time of the gateway. */
  endedRunning: number;
  /** Since when there is none, or none that stood: its grace time may count from then, until it has decided. */
  goneAt: number | undefined;
  /** The same by the running time of the gateway. */
  goneRunning: number;
  /** The `goneAt` whose grace time the own connection has answered with an attempt. */
  answeredGoneAt: number | undefined;
  /** Its grace time was over when another connection of its broke: the own connection's attempt for it may come till then. */
  overdueUntil: number;
  /** The client has asked for a connection, and has had none since: it may wait for the end of the last one (T-24). */
  isAsked: boolean;
  /** The same, of the present attempt. */
  wasAsked: boolean;
  /** The outage in which it was brought forward. */
  broughtForward: number;
}

/** Its first attempt. */
export function newLine(connection: number, begunAt: number): Line {
  return {
    connection,
    begunAt,
    stoodAt: undefined,
    fails: 0,
    mostFails: 0,
    felled: false,
    fellFirst: false,
    failed: false,
    endedAt: undefined,
    endedRunning: 0,
    goneAt: undefined,
    goneRunning: 0,
    answeredGoneAt: undefined,
    overdueUntil: 0,
    isAsked: false,
    wasAsked: true,
    broughtForward: -1,
  };
}
