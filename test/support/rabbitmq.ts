import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';

/** The server itself: what Debian puts on the PATH changes to a user of its own first. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** One scheduler and no busy waiting: what the tests need is little. */
const SMALL = '+S 1:1 +SDcpu 1:1 +SDio 1 +A 1';

/**
 * A RabbitMQ of the test's own, with nothing but its MQTT plugin; anonymous clients are let in. Its files, its name, its cookie and its port
 * mapper are its own, so that it never meets another one on the machine. Always `dispose()` of it.
 */
export class RabbitMq {
  readonly port: number;
  readonly #directory: string;
  readonly #mapper: ServerProcess;
  readonly #server: ServerProcess;

  private constructor(directory: string, [port, mapperPort, nodePort]: readonly [number, number, number]) {
    this.port = port;
    this.#directory = directory;
    const file = (name: string): string => join(directory, name);
    const mapperAt = { ERL_EPMD_PORT: `${mapperPort}`, ERL_EPMD_ADDRESS: '127.0.0.1' };
    this.#mapper = new ServerProcess({
      name: 'the port mapper of RabbitMQ',
      command: ['epmd', '-d', '-port', `${mapperPort}`, '-address', '127.0.0.1'],
      ready: /epmd running/,
    });
    this.#server = new ServerProcess({
      name: 'RabbitMQ',
      command: [PROGRAM],
      ready: /Server startup complete/,
      env: {
        ...mapperAt,
        HOME: directory,
        ERL_CRASH_DUMP: file('crash'),
        RUNNING_UNDER_SYSTEMD: 'true', // one process, which a signal ends, and none that watches it
        RABBITMQ_NODENAME: `test-${port}@localhost`,
        RABBITMQ_DIST_PORT: `${nodePort}`,
        RABBITMQ_BASE: directory,
        RABBITMQ_MNESIA_BASE: file('database'),
        RABBITMQ_LOG_BASE: file('log'),
        RABBITMQ_PID_FILE: file('pid'),
        RABBITMQ_CONF_ENV_FILE: file('environment'),
        RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
        RABBITMQ_ADVANCED_CONFIG_FILE: file('advanced.config'),
        RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${SMALL} -start_epmd false -setcookie test-${port} -kernel inet_dist_use_interface {127,0,0,1}`,
      },
    });
  }

  /** Starts a broker; resolves when it accepts connections. Error with its own words if it does not come up. */
  static async start(): Promise<RabbitMq> {
    const directory = await mkdtemp(join(tmpdir(), 'rabbitmq-'));
    const broker = new RabbitMq(directory, [await freePort(), await freePort(), await freePort()]);
    try {
      await broker.#configure();
      await broker.#mapper.start();
      await broker.#server.start();
      return broker;
    } catch (error) {
      await broker.dispose();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#server.stop('SIGKILL');
    await this.#mapper.stop('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #configure(): Promise<void> {
    const file = (name: string): string => join(this.#directory, name);
    const settings = [
      'listeners.tcp = none', // no AMQP
      `mqtt.listeners.tcp.1 = 127.0.0.1:${this.port}`,
      'mqtt.allow_anonymous = true',
      'log.console = true',
      'log.file = false',
    ];
    await mkdir(file('log'));
    await writeFile(file('rabbitmq.conf'), `${settings.join('\n')}\n`);
    await writeFile(file('enabled_plugins'), '[rabbitmq_mqtt].\n');
  }
}
