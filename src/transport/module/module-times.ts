/** Times of a transport of one's own, in milliseconds. */
export interface ModuleTimes {
  /** First and longest pause between two attempts to start the module. */
  readonly restartMin: number;
  readonly restartMax: number;
  /** A module that has run so long has not died of how it was started. */
  readonly steady: number;
  /** How long loading and opening may take. */
  readonly open: number;
  /** How often it is asked whether it is alive; it may leave three questions without an answer. */
  readonly ask: number;
  /** How long the module may have a frame. */
  readonly send: number;
  /** How long the gateway waits for it when it starts. */
  readonly patience: number;
}

/** Unless a test says otherwise. */
export const MODULE_TIMES: ModuleTimes = {
  ...{ restartMin: 250, restartMax: 60_000, steady: 60_000, open: 10_000, ask: 5_000, send: 10_000, patience: 3_000 },
};
