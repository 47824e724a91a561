/** Where a capture is written. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ApiError } from './gateway-api.ts';

export interface CaptureOutput {
  /** Throws `ApiError` where it cannot be written. */
  write(octets: Buffer): void;
  close(): void;
}

/** Octets that may wait for whoever reads standard output. */
const MAX_UNREAD = 16_777_216;

/** Opens a file, which is made anew, or standard output (`-`); `gone` is called when nobody reads that any more. Throws `ApiError`. */
export function openCapture(file: string, gone: () => void): CaptureOutput {
  return file === '-' ? standardOutput(gone) : fileOutput(file);
}

function fileOutput(file: string): CaptureOutput {
  const writing = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new ApiError(`cannot write ${file}: ${(error as Error).message}`, undefined, { cause: error });
    }
  };
  const descriptor = writing(() => openSync(file, 'w', 0o600)); // what clients say is nobody else's business
  return {
    write: (octets) => {
      writing(() => {
        for (let at = 0; at < octets.length; ) {
          at += writeSync(descriptor, octets, at);
        }
      });
    },
    close: () => closeSync(descriptor),
  };
}

function standardOutput(gone: () => void): CaptureOutput {
  process.stdout.once('error', gone);
  return {
    write: (octets) => {
      if (process.stdout.writableLength > MAX_UNREAD) {
        throw new ApiError(`nobody reads the capture: ${MAX_UNREAD} octets wait`);
      }
      process.stdout.write(octets);
    },
    close: () => process.stdout.off('error', gone),
  };
}
