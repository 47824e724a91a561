// A process of its own that has a store open. Usage: node store-child.mjs <mode> <path>; every line that it prints is a JSON value.
import { chownSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openStore } from '../../../dist/store/open-store.js';

const [mode, path] = process.argv.slice(2);
const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);
const record = (number) => ({ kind: 'delivery', clientId: 'sensor', packetId: number, msgId: number });

/** Never outlives the test. */
process.stdin.on('end', () => process.exit()).resume();

async function open() {
  return openStore({ path, report: (message) => say({ problem: message }) });
}

/** Root is allowed everything. */
function becomeNobody() {
  if (process.getuid() === 0) {
    process.seteuid(65_534);
  }
}

const modes = {
  /** Opens the store and keeps it. */
  async hold() {
    await open();
    say('open');
  },

  /** Writes pairs and a last number from many callers at once, for ever, and prints the number of each write that was acknowledged. */
  async write() {
    const { store } = await open();
    let next = 1;
    const caller = async () => {
      for (;;) {
        const number = next++;
        const writes = ['left', 'right', 'last'].map((name) => ({
          key: name === 'last' ? name : `${name}/${number}`,
          record: { ...record(number), clientId: name },
        }));
        await store.write(writes, true);
        say(number);
      }
    };
    await Promise.all(Array.from({ length: 8 }, caller));
  },

  /** Writes 100 records of 4 KiB, one after the other, and prints for each true or the code of the error. */
  async fill() {
    const { store } = await open();
    for (let number = 0; number < 100; number++) {
      const filled = { kind: 'session', ...session(number, 'x'.repeat(4_096)) };
      say(
        await store.write([{ key: `session/${number}`, record: filled }], true).then(
          () => true,
          ({ code }) => code,
        ),
      );
    }
    await store.close();
    process.exit();
  },

  /** Opens the store as a user who is not root, and prints how that ended. */
  async nobody() {
    if (process.getuid() === 0 && process.argv[4] === 'own') {
      for (const name of ['', ...readdirSync(path)]) {
        chownSync(join(path, name), 65_534, 65_534);
      }
      chownSync(dirname(path), 0, 0);
    }
    becomeNobody();
    const outcome = await open().then(
      ({ records }) => ({ records: records.length }),
      ({ code, message }) => ({ code, message }),
    );
    say(outcome);
    process.exit();
  },
};

function session(number, link) {
  const bare = {
    protocolVersion: '1.2',
    transport: 'udp',
    host: 'sensor',
    state: 'active',
    cleanSession: false,
    keepAlive: 0,
    lastHeard: 0,
    nextTopicId: 1,
    epoch: 1,
  };
  return { clientId: String(number), link, protocolVersion: '1.2', transport: 'udp', host: '', ...bare };
}

await modes[mode]();
