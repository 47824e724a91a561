/** What goes wrong, at its time; at the end of the plan's trouble everything is put right. */

import { DISK, FULL_DISK } from './books/calm.ts';
import { ADMINISTRATIVE, SHUTTING_DOWN, TAKEN_OVER } from './broker.ts';
import { BrokerSide } from './broker-side.ts';
import { mountOf } from './mounted.ts';
import { payloadOf } from './payload.ts';
import { everShares, sharesConnection, type WorldEvent } from './plan.ts';
import { OWN, SHARED } from './wire.ts';
import type { World } from './world.ts';

/** A fault of one kind that is under way ends before the next one begins; this is how. */
type End = () => void;

/** Connections that were closed may become known so much later. */
const AFTERMATH = 60_000;

export class Faults {
  readonly #world: World;
  readonly #ends = new Map<string, End>();

  constructor(world: World) {
    this.#world = world;
  }

  schedule(): void {
    const { timeline, plan } = this.#world;
    for (const event of plan.events) {
      timeline.at(event.at, () => this.#begin(event));
    }
    timeline.at(plan.healed, () => this.#heal());
  }

  #heal(): void {
    for (const end of [...this.#ends.values()]) {
      end();
    }
    this.#world.trace.say('nothing goes wrong from here on');
  }

  #begin(event: WorldEvent): void {
    const { broker, trace } = this.#world;
    switch (event.do) {
      case 'broker-publish':
        if (!broker.down) {
          trace.say(`somebody publishes ${event.name} on ${event.topic}, QoS ${event.qos}`);
          for (const topic of this.#topicsOf(event.topic)) {
            broker.publish(topic, payloadOf(event.name, event.size), event.qos, event.retain);
          }
        }
        return;
      case 'stranger':
        this.#stranger(event);
        return;
      case 'thief':
        this.#thief(event);
        return;
      default:
        this.#tell(event);
        this.#broker(event);
        this.#machine(event);
        this.#operator(event);
    }
  }

  #tell(event: WorldEvent): void {
    const { at: _, do: kind, ...rest } = event;
    this.#world.trace.say(`${kind} ${JSON.stringify(rest)}`);
  }

  /** A fault that lasts. `clientId`: whom it concerns. */
  #lasts(kind: string, duration: number, end: End, clientId = ''): void {
    const { timeline, calm, trace } = this.#world;
    this.#ends.get(kind)?.();
    const over = calm.begins(clientId);
    const finish = (): void => {
      if (this.#ends.get(kind) === finish) {
        this.#ends.delete(kind);
        trace.say(`${kind} is over`);
        end();
        over();
      }
    };
    this.#ends.set(kind, finish);
    timeline.after(duration, finish);
  }

  #broker(event: WorldEvent): void {
    const { books, broker, calm, timeline, gateway } = this.#world;
    switch (event.do) {
      case 'stall':
        broker.stall();
        this.#lasts('stall', event.for, () => broker.unstall());
        timeline.after(
          BrokerSide.pingTimeout,
          () => broker.stalled && event.for > BrokerSide.pingTimeout && gateway.pingsUnanswered(),
        );
        return;
      case 'slow':
        broker.lateness = event.delay;
        this.#lasts('slow', event.for, () => {
          broker.lateness = 0;
          for (const wire of broker.wires) {
            wire.lateness = 0; // else one of them would hear of the broker's end long after all others
          }
          timeline.after(event.delay, calm.begins()); // what it has said is still on its way
        });
        return;
      case 'refuse':
        broker.refuses = true;
        this.#lasts('refuse', event.for, () => {
          broker.refuses = false;
        });
        return;
      case 'flap':
        broker.flaps = true;
        this.#lasts('flap', event.for, () => {
          broker.flaps = false;
        });
        this.#closeAll();
        return;
      case 'restart':
        this.#allFall();
        broker.stop(event.forgets);
        this.#lasts('restart', event.for, () => {
          broker.down = false;
        });
        return;
      case 'close-all':
        this.#lasts('close-all', 1, () => {});
        this.#closeAll();
        return;
      case 'close-one': {
        const id = this.#connectionOf(event.client);
        const wire = broker.sessions.get(id)?.wire;
        this.#lasts(`close-one ${id}`, 1, () => {}, id);
        if (wire !== undefined) {
          books.felled(wire.number, 'alone');
          broker.close(wire, ADMINISTRATIVE);
        }
        return;
      }
      case 'take-over': {
        const id = this.#idOf(event.client);
        if (sharesConnection(gateway.setup, id)) {
          return; // nobody else has the client id of the shared connection
        }
        const wire = broker.sessions.get(id)?.wire;
        broker.takenElsewhere.add(id);
        calm.takenOver(id, event.for + AFTERMATH);
        this.#lasts(
          `take-over ${id}`,
          event.for,
          () => {
            broker.takenElsewhere.delete(id);
          },
          id,
        );
        if (wire !== undefined) {
          books.felled(wire.number, 'alone');
          broker.close(wire, TAKEN_OVER);
        }
      }
    }
  }

  #allFall(): void {
    const { broker, books } = this.#world;
    for (const { number } of broker.wires) {
      books.felled(number, 'with all');
    }
  }

  #closeAll(): void {
    const { broker } = this.#world;
    this.#allFall();
    for (const wire of [...broker.wires]) {
      broker.close(wire, SHUTTING_DOWN);
    }
  }

  #machine(event: WorldEvent): void {
    const { disk, gateway, media } = this.#world;
    switch (event.do) {
      case 'disk-full':
        disk.full = true;
        this.#lasts(
          'disk-full',
          event.for,
          this.#alsoOf(FULL_DISK, () => {
            disk.full = false;
          }),
        );
        return;
      case 'disk-hang':
        disk.hangs = true;
        this.#lasts(
          'disk-hang',
          event.for,
          this.#alsoOf(DISK, () => {
            disk.hangs = false;
          }),
        );
        return;
      case 'kill':
        this.#ends.get('pause')?.();
        this.#ends.get('kill')?.();
        gateway.kill(event.power, event.skew);
        this.#lasts('kill', event.off, () => gateway.start());
        return;
      case 'mode-change':
        this.#ends.get('pause')?.();
        this.#ends.get('kill')?.();
        gateway.kill(event.power, 0);
        gateway.changes(event);
        this.#lasts('kill', event.off, () => gateway.start());
        return;
      case 'pause':
        if (gateway.runs) {
          gateway.pause();
          this.#lasts('pause', event.for, () => gateway.resume());
        }
        return;
      case 'medium-closed': {
        const medium = media.get(event.medium);
        if (medium !== undefined && !medium.closed) {
          medium.close();
          gateway.mediumClosed(medium.plan);
          this.#lasts(`medium-closed ${event.medium}`, event.for, () => {
            medium.open();
            gateway.mediumOpened(medium.plan);
          });
        }
        return;
      }
      case 'radio-out': {
        const medium = media.get(event.medium);
        if (medium !== undefined) {
          medium.out = true;
          this.#lasts(`radio-out ${event.medium}`, event.for, () => {
            medium.out = false;
          });
        }
      }
    }
  }

  #operator(event: WorldEvent): void {
    const { gateway, clients } = this.#world;
    if (event.do === 'operator-disconnect') {
      gateway.operator('operator-disconnected', this.#idOf(event.client));
    } else if (event.do === 'operator-forget') {
      gateway.operator('operator-forgot', this.#idOf(event.client));
      if (event.off !== undefined) {
        clients.find(({ plan }) => plan.id === this.#idOf(event.client))?.reset(event.off);
      }
    }
  }

  #alsoOf(disk: string, end: End): End {
    const over = this.#world.calm.begins(disk);
    return () => {
      end();
      over();
    };
  }

  #stranger({ frames, medium, link }: Extract<WorldEvent, { do: 'stranger' }>): void {
    const { gateway, media } = this.#world;
    if (media.get(medium)?.closed !== false) {
      return;
    }
    for (const frame of frames) {
      gateway.frame(`${medium}:${link}`, Buffer.from(frame, 'hex'));
    }
  }

  #thief({ frames, medium, link, victim, isAlways }: Extract<WorldEvent, { do: 'thief' }>): void {
    const { gateway, media } = this.#world;
    if (media.get(medium)?.closed !== false) {
      return;
    }
    for (const frame of frames) {
      gateway.thief(`${medium}:${link}`, Buffer.from(frame, 'hex'), victim, isAlways);
    }
  }

  get #isShared(): boolean {
    return everShares(this.#world.plan);
  }

  /** Where the broker tells clients apart by their topics, what somebody publishes comes on those of each. */
  #topicsOf(topic: string): Iterable<string> {
    const { gateway, clients } = this.#world.plan;
    const mounts = clients.map(({ id }) => mountOf(gateway.topicPrefix, id));
    return this.#isShared ? new Set(mounts.map((mount) => `${mount}${topic}`)) : [topic];
  }

  /** Whose connection falls: the client's; where clients share one, that, or the gateway's own. */
  #connectionOf(client: number): string {
    const id = this.#idOf(client);
    if (!sharesConnection(this.#world.gateway.setup, id)) {
      return id;
    }
    return client > 0 ? SHARED : OWN;
  }

  #idOf(client: number): string {
    return this.#world.plan.clients[client]?.id ?? `c${client}`;
  }
}
