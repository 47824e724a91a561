/** A broker and what is under load before it, in processes of their own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Mosquitto } from '../../support/mosquitto.ts';
import { cpuOf, rssOf } from './load/meter.mjs';
import { startFloor, startGateway, startSwitched } from './subjects.mjs';

const TYPESCRIPT = new URL('../../sim/typescript.mjs', import.meta.url).href;
const GENERATOR = fileURLToPath(new URL('load/generator.mjs', import.meta.url));
/**
 * An observer that lags for a moment must not lose anything, nor a publisher with many messages under way: mosquitto 2.0.11 keeps for ever what of QoS 2
 * is beyond its window.
 */
const BROKER = { quiet: true, maxQueuedMessages: 100_000, maxInflightMessages: 0 };

let runs = 0;

export class Scene {
  #folder;
  #broker;
  #brokerPort;
  #subject;
  #eventLoopFile;
  #generator;

  /**
   * @param {{ gateway: string } | { switched: string } | { floor: string } | { target: object }} what a build, two of it whose pages are switched, a floor, or
   *   something that runs already
   * @param {{ mode: string, line?: boolean, sessions?: number, dtls?: boolean, eventLoop?: boolean }} options `sessions`: more than the
   *   default allows; `dtls`: with a DTLS transport as well
   */
  static async start(what, { mode, line = false, sessions, dtls = false, eventLoop = false }) {
    const scene = new Scene();
    try {
      await scene.#open(what, { mode, line, sessions, dtls, eventLoop: eventLoop && what.gateway !== undefined });
      return scene;
    } catch (error) {
      await scene.end();
      throw error;
    }
  }

  /**
   * Lets a load run; before and after it there is a rest, in seconds, and then a look at the memory.
   * @returns {Promise<object>} the figures
   */
  async measure(load) {
    const { rest } = load;
    await sleep(rest * 1000);
    const before = this.#rss();
    const { host = '127.0.0.1', port, pid, line, gateways = [], dtls } = this.#subject;
    this.#generator ??= fork(GENERATOR, { execArgv: ['--no-warnings', '--import', TYPESCRIPT] });
    const outcome = await generate(this.#generator, {
      ...load,
      ...{ pid, line, eventLoop: this.#eventLoopFile !== undefined },
      target: { host, port },
      secure: load.secure && dtls ? { host, ...dtls } : undefined,
      gateways: gateways.map((one) => ({
        ...one,
        target: { host, port: one.port },
        page: { host, port: one.pagePort },
      })),
      broker: { host, port: this.#brokerPort },
      run: `b${process.pid}x${++runs}`,
    });
    if (load.restarts) {
      return { ...outcome, ...(await this.#again(rest)), rssBefore: before };
    }
    await sleep(rest * 1000);
    const loop = this.#eventLoopFile && existsSync(this.#eventLoopFile) && readFileSync(this.#eventLoopFile, 'utf8');
    return {
      ...outcome,
      ...{ rssBefore: before, rssAfter: this.#rss(), startMs: this.#subject.startMs },
      ...(loop && { eventLoop: JSON.parse(loop) }),
    };
  }

  async end() {
    this.#generator?.kill('SIGKILL');
    await this.#subject?.stop();
    await this.#broker?.dispose();
    if (this.#folder !== undefined) {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  async #open({ gateway, switched, floor, target }, { mode, line, sessions, dtls, eventLoop }) {
    if (target !== undefined) {
      this.#subject = { ...target, stop: async () => undefined };
      this.#brokerPort = target.brokerPort;
      return;
    }
    this.#folder = await mkdtemp(join(tmpdir(), 'bench-'));
    this.#broker = await Mosquitto.start(BROKER);
    this.#brokerPort = this.#broker.port;
    this.#eventLoopFile = eventLoop ? join(this.#folder, 'event-loop.json') : undefined;
    const { url: brokerUrl, port } = this.#broker;
    const own = { folder: this.#folder, eventLoopFile: this.#eventLoopFile };
    if (floor !== undefined) {
      this.#subject = await startFloor(floor, port);
    } else if (switched !== undefined) {
      this.#subject = await startSwitched({ directory: switched, folder: this.#folder, brokerUrl, mode });
    } else {
      this.#subject = await startGateway({ directory: gateway, brokerUrl, mode, line, sessions, dtls, ...own });
    }
  }

  /** The subject is stopped and started: what its start takes is what counts. */
  async #again(rest) {
    this.#subject = await this.#subject.again();
    const { pid, startMs } = this.#subject;
    const cpu = cpuOf(pid);
    const atStart = rssOf(pid);
    await sleep(rest * 1000);
    return {
      seconds: startMs / 1000,
      cpu,
      startMs,
      rssWith: atStart,
      rssAfter: rssOf(pid),
      p50: startMs,
      p99: startMs,
      max: startMs,
    };
  }

  #rss() {
    return rssOf(this.#subject.pid);
  }
}

/** What a load generator has found. */
async function generate(generator, context) {
  const answer = Promise.race([
    once(generator, 'message').then(([message]) => message),
    once(generator, 'exit').then(([code, signal]) => ({ error: `the load generator ended (${signal ?? code})` })),
  ]);
  generator.send(context);
  const { outcome, error } = await answer;
  if (error !== undefined) {
    throw new Error(`${context.name}: ${error}`);
  }
  return outcome;
}
