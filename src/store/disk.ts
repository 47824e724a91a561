import type fs from 'node:fs';

/** How octets get to the disk: functions of `node:fs`. */
export interface Disk extends Pick<typeof fs, 'fdatasync' | 'rm' | 'ftruncate'> {
  write(
    descriptor: number,
    octets: Buffer,
    from: number,
    length: number,
    at: number,
    done: (error: Error | null, count: number) => void,
  ): void;
}

/** Who is told how the disk does, once for each time. */
export interface DiskListener {
  /** Nothing is stored any more. */
  readonly onProblem: (message: string) => void;
  /** The disk has not answered for so many seconds; what waits for it waits. */
  readonly onStalled?: (seconds: number) => void;
  readonly onRecovered?: (seconds: number) => void;
}

/** What has failed, for people. */
export function whyOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
    return 'the disk is full';
  }
  return error instanceof Error ? error.message : String(error);
}
