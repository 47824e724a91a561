/**
 * The speed of the whole program, as processes that talk over sockets: `npm run bench`. README.md in the folder above says what is measured and how
 * to read it. Nothing is asserted but that messages arrive: the exit code is 1 where one did not, 2 where nothing could be measured.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { legend } from './legend.mjs';
import { readOptions } from './options.mjs';
import { runRounds, runSmoke } from './run-rounds.mjs';
import { circumstances, tableOfOne, tableOfTwo } from './tables.mjs';

const here = fileURLToPath(new URL('../../..', import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  const [loadBefore = 0] = loadavg();
  const found =
    options.size === 'smoke' && options.target === undefined
      ? await runSmoke(here, options)
      : await runRounds(here, options, progress);
  const table = options.baseline === undefined ? tableOfOne(found) : tableOfTwo(found);
  console.log([...table, circumstances(options), ...legend(options, loadBefore)].join('\n'));
  if (options.json !== undefined) {
    await writeFile(options.json, JSON.stringify(found, null, 2));
  }
  const lost = found.rows.flatMap(({ here: ours }) => ours).reduce((sum, figures) => sum + figures.lost, 0);
  process.exitCode = lost > 0 ? 1 : 0;
} catch (error) {
  console.error(error.message);
  process.exit(2); // what is still waited for does not matter any more
}

function progress(text) {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${text}`);
  }
}
