/** The status page. */
import * as z from 'zod';
import { flag, host, port } from '../setting-kinds.ts';

export const httpSection = z.strictObject({
  enabled: flag()
    .default(false)
    .meta({ description: 'Status page. Accepted, but not used yet by this version.', examples: [true] }),
  host: host()
    .default('127.0.0.1')
    .meta({ description: 'Address of the status page. Not used yet by this version.', examples: ['127.0.0.1'] }),
  port: port()
    .default(8080)
    .meta({ description: 'TCP port of the status page. Not used yet by this version.', examples: [8080] }),
});
