import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';

/** One scheduler and no busy waiting: what the tests need is little. */
const SMALL = ['+S', '1:1', '+SDcpu', '1:1', '+SDio', '1', '+A', '1', '+sbwt', 'none'];

/**
 * An ejabberd of the test's own, as an MQTT broker and nothing else: a node without a name, which needs no port mapper and no cookie. It lets in
 * whoever gives a user name. Always `dispose()` of it.
 */
export class Ejabberd {
  readonly port: number;
  readonly #directory: string;
  readonly #server: ServerProcess;

  private constructor(directory: string, port: number) {
    this.port = port;
    this.#directory = directory;
    this.#server = new ServerProcess({
      name: 'ejabberd',
      command: ['erl', ...SMALL, '-mnesia', 'dir', `"${join(directory, 'database')}"`, '-noinput', '-s', 'ejabberd'],
      ready: /Start accepting TCP connections at \S+ for mod_mqtt/,
      env: {
        HOME: directory,
        ERL_LIBS: librariesOfDebian(),
        ERL_CRASH_DUMP: join(directory, 'crash'),
        EJABBERD_CONFIG_PATH: join(directory, 'ejabberd.yml'),
        EJABBERD_LOG_PATH: join(directory, 'ejabberd.log'),
      },
    });
  }

  /** Starts a broker; resolves when it accepts connections. Error with its own words if it does not come up. */
  static async start(): Promise<Ejabberd> {
    const directory = await mkdtemp(join(tmpdir(), 'ejabberd-'));
    const broker = new Ejabberd(directory, await freePort());
    try {
      await broker.#configure();
      await broker.#server.start();
      return broker;
    } catch (error) {
      await broker.dispose();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#server.stop('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #configure(): Promise<void> {
    const settings = {
      hosts: ['localhost'],
      loglevel: 'info',
      listen: [{ port: this.port, ip: '127.0.0.1', module: 'mod_mqtt' }],
      auth_method: 'anonymous',
      anonymous_protocol: 'login_anon',
      modules: { mod_mqtt: {} },
    };
    await mkdir(join(this.#directory, 'database'));
    await writeFile(join(this.#directory, 'ejabberd.yml'), JSON.stringify(settings)); // YAML takes JSON as it is
  }
}

/** Where the packages of Debian have the libraries of Erlang: the folder of this kind of machine, which their own start script names. */
function librariesOfDebian(): string {
  const { stdout } = spawnSync('dpkg', ['-L', 'ejabberd'], { encoding: 'utf8' });
  const file = stdout.split('\n').find((line) => line.endsWith('/ebin/ejabberd.app'));
  return file === undefined ? '' : dirname(dirname(dirname(file)));
}
