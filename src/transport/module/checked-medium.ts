import type { Medium } from '../../ports/transport-module.ts';
import { moduleWords } from './module-error.ts';

/** What `open` of a module has told, with nothing in it that is not of the interface. Throws `TypeError` with what was expected and what was found. */
export function checkedMedium(told: unknown): Medium {
  if (typeof told !== 'object' || told === null) {
    throw new TypeError(`open must resolve with a medium ({ description, maxFrame }), found ${moduleWords(told)}`);
  }
  const { description, maxFrame, pointToPoint, octetsPerSecond, overhead, window } = told as Record<string, unknown>;
  if (typeof description !== 'string' || description === '') {
    throw new TypeError(`the medium needs a description (a text), found ${moduleWords(description)}`);
  }
  return {
    description: moduleWords(description),
    maxFrame: whole('maxFrame', maxFrame, 16, 65_535),
    ...(pointToPoint === true && { pointToPoint }),
    ...(octetsPerSecond !== undefined && {
      octetsPerSecond: whole('octetsPerSecond', octetsPerSecond, 1, 1_000_000_000),
    }),
    ...(overhead !== undefined && { overhead: whole('overhead', overhead, 0, 65_535) }),
    ...(window !== undefined && { window: whole('window', window, 1, 64) }),
  };
}

function whole(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new TypeError(
      `${name} of the medium must be a whole number from ${min} to ${max}, found ${moduleWords(value)}`,
    );
  }
  return value;
}
