/** The process that makes loads: it is told which one in a message, and answers with what it has found, or with why it could not. */
import { amongMany } from './among-many.mjs';
import { capacity } from './capacity.mjs';
import { connectStorm } from './connect-storm.mjs';
import { downlink } from './downlink.mjs';
import { echo } from './echo.mjs';
import { fanOut } from './fan-out.mjs';
import { firstMessage } from './first-message.mjs';
import { handshakes } from './handshakes.mjs';
import { mixedSite } from './mixed-site.mjs';
import { serial } from './serial.mjs';
import { steady } from './steady.mjs';
import { uplink } from './uplink.mjs';
import { wakeUpStorm } from './wake-up-storm.mjs';
import { watched } from './watched.mjs';

const KINDS = {
  amongMany,
  capacity,
  connectStorm,
  downlink,
  echo,
  fanOut,
  firstMessage,
  handshakes,
  mixedSite,
  serial,
  steady,
  uplink,
  wakeUpStorm,
  watched,
};

process.on('disconnect', () => process.exit());
process.on('uncaughtException', fail);
process.on('message', async (context) => {
  try {
    answer({ outcome: await KINDS[context.kind](context) });
  } catch (error) {
    fail(error);
  }
});

function fail(error) {
  answer({ error: error instanceof Error ? error.message : String(error) });
}

function answer(message) {
  process.send(message);
}
