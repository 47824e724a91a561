/**
 * A gateway as the program puts it together, but that its status page is switched on and off while it runs, and that it collects its garbage when it is told:
 * `node --expose-gc switched-gateway.mjs BUILD SETTINGS CONTROL`. Off is what `http.enabled: false` is: no server, no observer of the page's, no look at the
 * event loop. Orders come over the Unix socket CONTROL, one after the other; each is answered with `done`.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [build, file, control] = process.argv.slice(2);
const built = (module) => import(pathToFileURL(join(build, 'dist', module)).href);
const [{ loadSettings }, { startGateway }, { logSettings }, { ProgramOperator }, { serveHttp }, { systemClock }] =
  await Promise.all(
    [
      'config/load.js',
      'app/gateway.js',
      'app/log-settings.js',
      'app/program-operator.js',
      'app/serve-http.js',
      'app/system-clock.js',
    ].map(built),
  );
const [{ FanOut }, { LogObserver }, { OutageWatch }, { standardOutput }, { winstonLogger }] = await Promise.all(
  ['fan-out', 'log-observer', 'outage-watch', 'standard-output', 'winston-logger'].map((name) =>
    built(`observe/${name}.js`),
  ),
);

const load = () =>
  loadSettings({ file, environment: {}, commandLine: [], workingFolder: process.cwd(), startFolders: [] });
const loaded = load();
const { settings, predefinedTopics } = loaded;
const output = standardOutput(systemClock);
const log = new LogObserver(
  winstonLogger({ ...settings.logging, journal: false }, output),
  logSettings(settings),
  systemClock,
);
const observer = new FanOut(log);
observer.add(new OutageWatch((note) => observer.note(note), systemClock));
const gateway = await startGateway({ settings, predefinedTopics, observer });
const operator = new ProgramOperator({
  ...{ clock: systemClock, gateway, log, loaded, tell: gateway.note },
  load: async () => load(),
});

let stop;
const ORDERS = {
  on: () => {
    stop = serveHttp({ settings, gateway, operator });
  },
  off: () => stop(),
  collect: () => globalThis.gc(),
  'collect-young': () => globalThis.gc({ type: 'minor' }),
};
createServer((socket) => {
  socket.setEncoding('latin1').on('data', async (order) => {
    await ORDERS[order]();
    socket.write('done');
  });
}).listen(control, () => console.log('MQTT-SN gateway ready'));
