import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often Prometheus asks, and how often the page asks for the last hour, in milliseconds. */
const SCRAPE = 5_000;
const HISTORY = 10_000;
/** How long the page may take to be served, in milliseconds: it is loaded when the gateway is ready. */
const PATIENCE = 30_000;

/**
 * Somebody who has the page open, on the view that asks for most (the list of clients, with what changes in it), and on the overview as well; and
 * Prometheus. What a browser does with it is not done: only the gateway is measured.
 */
export class PageViewer {
  /** Events of the stream, and answers of `/metrics`, that came whole. */
  events = 0;
  scrapes = 0;
  octets = 0;
  #target;
  /** Browsers and Prometheus keep their connections. */
  #agent = new Agent({ keepAlive: true });
  #stream;
  #timers = [];
  /** Why an answer was not what it should be. */
  #failure;

  constructor(target) {
    this.#target = target;
  }

  /** Opens it. Error where no page is served. */
  static async open({ host, port }) {
    const viewer = new PageViewer({ host, port });
    await viewer.#served();
    await viewer.#ask('/');
    await viewer.#follow();
    for (const path of ['overview', 'events/recent', 'history', 'clients?limit=10000', 'topics']) {
      await viewer.#ask(`/api/v1/${path}`);
    }
    await viewer.#scrape();
    viewer.#every(SCRAPE, () => viewer.#scrape());
    viewer.#every(HISTORY, () => viewer.#ask('/api/v1/history'));
    return viewer;
  }

  /** Error where anything was not answered as it should be. */
  close() {
    this.#timers.forEach(clearInterval);
    this.#stream.destroy();
    this.#agent.destroy();
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  #every(interval, work) {
    const failed = (error) => {
      this.#failure ??= error;
    };
    this.#timers.push(setInterval(() => work().catch(failed), interval));
  }

  async #served() {
    for (const end = performance.now() + PATIENCE; ; await sleep(50)) {
      try {
        return await this.#ask('/healthz');
      } catch (error) {
        if (performance.now() > end) {
          throw error;
        }
      }
    }
  }

  async #follow() {
    const response = await this.#get('/api/v1/events?events=overview,incident,clients');
    response.setEncoding('utf8').on('data', (text) => {
      this.octets += text.length;
      this.events += text.split('\n\n').length - 1;
    });
    this.#stream = response;
  }

  async #scrape() {
    await this.#ask('/metrics');
    this.scrapes++;
  }

  async #ask(path) {
    const response = await this.#get(path);
    for await (const octets of response) {
      this.octets += octets.length;
    }
  }

  async #get(path) {
    const asked = request({ ...this.#target, path, agent: this.#agent });
    asked.end();
    const [response] = await once(asked, 'response');
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`GET ${path} was answered with ${response.statusCode}`);
    }
    return response;
  }
}
