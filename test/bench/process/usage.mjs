/** What `npm run bench` takes. */
import { LOADS } from './loads.mjs';

export const USAGE = `usage: npm run bench -- [--loads NAME,NAME] [--rounds N] [--quick] [--mode transparent|aggregating|both]
                        [--baseline DIR [--baseline-mode transparent|aggregating]]
                        [--target HOST:PORT --broker-port PORT [--pid PID]] [--event-loop] [--json FILE]
loads: ${LOADS.map(({ name }) => name).join(' ')}`;
