/** The embedded broker. */
import * as z from 'zod';
import { host, port } from '../setting-kinds.ts';

export const brokerSection = z.strictObject({
  host: host()
    .default('127.0.0.1')
    .meta({ description: 'Address on which the embedded broker listens.', examples: ['0.0.0.0'] }),
  port: port()
    .default(1883)
    .meta({ description: 'TCP port of the embedded broker.', examples: [1883] }),
});
