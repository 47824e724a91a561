import type { Settings } from '../config/schema.ts';
import type { LogObserverSettings } from '../observe/log-observer.ts';

/** How the log shows frames: as the gateway reads them. */
export function logSettings({ logging, frames }: Settings): LogObserverSettings {
  const { trailing, tolerateShortLength } = frames;
  return {
    payloads: logging.payloads,
    decode: {
      trailing: trailing === 'drop' ? 'drop' : 'ignore', // the first message of a datagram with several is shown
      tolerateShortLength: tolerateShortLength && trailing !== 'parse',
    },
  };
}
