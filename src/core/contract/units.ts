/** Units of time. The core counts milliseconds, the wire seconds. */

/** Milliseconds: a time on any clock that only moves forward, or a time span. */
export type Millis = number;

/** Seconds, as they stand on the wire. */
export type Seconds = number;
