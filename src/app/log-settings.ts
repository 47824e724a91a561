import type { Settings } from '../config/schema.ts';
import type { LogObserverSettings } from '../observe/log-observer.ts';
import { decodeOptions } from './decode-options.ts';

/** What the log shows of frames, and how it reads them. */
export function logSettings({ logging, frames }: Settings): LogObserverSettings {
  return { payloads: logging.payloads, decode: decodeOptions(frames) };
}
