/** The capture of frames that the settings want. */
import type { Settings } from '../config/schema.ts';
import type { FanOut } from '../observe/fan-out.ts';
import type { Note } from '../ports/observer.ts';
import { CaptureFile } from './capture/capture-file.ts';
import { decodeOptions } from './decode-options.ts';
import { systemClock } from './system-clock.ts';
import { version } from './version.ts';

/** Observes frames from now on; undefined where none are captured. */
export function startCapture(
  settings: Settings,
  observer: FanOut,
  tell: (note: Note) => void,
): CaptureFile | undefined {
  const { path, maxSize, maxFiles, payloads } = settings.capture;
  if (path === undefined) {
    return undefined;
  }
  const capture = new CaptureFile({
    ...{ path, maxSize, maxFiles, clock: systemClock, wall: Date.now, tell },
    frames: { ...decodeOptions(settings.frames), payloads },
    application: `mqtt-sn-gateway ${version}`,
  });
  observer.add(capture);
  tell({ type: 'capture-on', path });
  capture.start();
  return capture;
}
