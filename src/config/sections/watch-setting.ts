/** Whether changed files are read by themselves. */
import { flag } from '../setting-kinds.ts';

export const watchSetting = flag()
  .default(false)
  .meta({
    description:
      'Read this file, the pre-defined topics and the certificates again by themselves when they have changed and stayed the same for a second. Without it SIGHUP does, or the API.',
    examples: [true],
  });
