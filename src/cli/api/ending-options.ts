import type { OptionTable } from '../option-table.ts';

/** When a command that follows frames ends by itself. */
export const ENDING_OPTIONS = {
  count: {
    alias: 'C',
    type: 'number',
    requiresArg: true,
    describe: 'End after this many frames',
    whole: [1, 1_000_000_000],
  },
  timeout: {
    alias: 'W',
    type: 'number',
    requiresArg: true,
    describe: 'End after this many seconds',
    seconds: 'above 0',
  },
} as const satisfies OptionTable;
