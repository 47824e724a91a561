/** How many times as many generated cases as the test command makes (`npm run test:hostile`); 1 unless the environment says another. */
const FACTOR = Number(process.env.ROUNDS_FACTOR ?? 1);

/** Number of generated cases of a property: `standard` in the test command, many times that in `npm run test:hostile`. */
export function rounds(standard: number): number {
  return Math.ceil(standard * FACTOR);
}
