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

/** Resolves when all of it is written at `at`. */
export function write(disk: Disk, descriptor: number, octets: Buffer, at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    disk.write(descriptor, octets, 0, octets.length, at, (error, count) => {
      const problem = error ?? (count === octets.length ? undefined : new Error('the disk took only a part of it'));
      problem ? reject(problem) : resolve();
    });
  });
}

/** Resolves when what was written is on the disk. */
export function flush(disk: Disk, descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    disk.fdatasync(descriptor, (error) => (error ? reject(error) : resolve()));
  });
}

/** What has failed, for people. */
export function whyOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
    return 'the disk is full';
  }
  return error instanceof Error ? error.message : String(error);
}
