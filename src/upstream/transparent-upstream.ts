import type { Upstream, UpstreamConnect, UpstreamEffect, UpstreamInput, UpstreamListener } from '../ports/upstream.ts';
import { Backlog, type BacklogLimits } from './backlog.ts';
import { failureReason } from './failure-reason.ts';
import { type Login, Logins } from './logins.ts';
import { MqttConnection, type MqttConnectionOwner } from './mqtt-connection.ts';
import { refusal } from './refusal.ts';
import { sharedClientId } from './shared-client-id.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

export { Logins } from './logins.ts';
export type { UpstreamSettings } from './upstream-settings.ts';

/** Connections of one client id whose end has begun, and what comes after them. */
interface Ending {
  readonly connections: Set<MqttConnection>;
  /** By connection number. */
  readonly waiting: Map<number, UpstreamConnect>;
}

export interface TransparentUpstreamOptions {
  readonly settings: UpstreamSettings;
  readonly listener: UpstreamListener;
  /** Is told what an operator should know that does not end a connection. */
  readonly report?: (reason: string) => void;
  /** As whom connections are made; absent: as the settings say. */
  readonly logins?: Logins;
  /** Client ids at the broker that no client may have, beside those of the gateway on this upstream. */
  readonly reserved?: readonly string[];
  /** The client, another one than `whose`, that has a session with this client id at the broker, though it may be absent; absent: nobody knows. */
  readonly clientAt?: (clientId: string, whose: string) => string | undefined;
}

/**
 * The upstream of a transparent gateway (§4.1): an MQTT connection for each client, and one of the gateway's own. In an aggregating gateway the same for
 * those that have a connection of their own, and one connection that all others share.
 */
export class TransparentUpstream implements Upstream {
  readonly #settings: UpstreamSettings;
  readonly #listener: UpstreamListener;
  readonly #logins: Logins;
  /** Client ids at the broker that are the gateway's. */
  readonly #reserved: ReadonlySet<string>;
  readonly #clientAt: NonNullable<TransparentUpstreamOptions['clientAt']>;
  /** By client id at the broker. */
  readonly #holders = new Map<string, MqttConnection>();
  /** By connection number: what effects reach. */
  readonly #connections = new Map<number, MqttConnection>();
  /** Numbers of those that stand. */
  readonly #standing = new Set<number>();
  /** By client id. */
  readonly #ending = new Map<string, Ending>();
  /** By connection number: whose end it waits for. */
  readonly #waiting = new Map<number, Ending>();
  readonly #owner: MqttConnectionOwner;
  readonly #backlog: Backlog;
  /** What was written to in this turn of the event loop. */
  #unflushed: MqttConnection[] = [];
  #closing = false;
  #whenEmpty: (() => void)[] = [];

  /** Error if the URL, a certificate or a key cannot be read. */
  constructor({
    settings,
    listener,
    report = () => undefined,
    logins,
    reserved = [],
    clientAt = () => undefined,
  }: TransparentUpstreamOptions) {
    this.#settings = settings;
    this.#clientAt = clientAt;
    this.#listener = listener;
    this.#logins = logins ?? new Logins(settings, report);
    const { gatewayClientId } = settings;
    this.#reserved = new Set([gatewayClientId, sharedClientId(gatewayClientId), ...reserved]);
    this.#backlog = new Backlog(settings);
    this.#owner = {
      report: (input) => this.#report(input),
      written: (connection) => this.#written(connection),
      drained: (connection) => this.#backlog.drained(connection),
      closed: (connection) => this.#closed(connection),
    };
  }

  /** Other limits of what may be on its way to the broker, from now on. */
  set backlogLimits(limits: BacklogLimits) {
    this.#backlog.limits = limits;
  }

  /** Connections that stand: the broker has accepted them, and they have not been ended. */
  get standing(): number {
    return this.#standing.size;
  }

  perform(effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect') {
      this.#connectInTurn(effect);
    } else if (effect.type === 'upstream-close') {
      this.#end(effect.connection, effect.disconnect);
    } else if (effect.type !== 'upstream-forget') {
      this.#connections.get(effect.connection)?.perform(effect);
    }
  }

  /**
   * Ends what is still open with DISCONNECT, so that no will is published (T-52), and waits for all that is on its way out; what has
   * not closed after `timeout` ms is cut off. New connections are not made any more.
   */
  async close(timeout: number): Promise<void> {
    this.#closing = true;
    for (const number of [...this.#waiting.keys(), ...this.#connections.keys()]) {
      this.#end(number, true);
    }
    if (this.#ending.size === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const { connections } of this.#ending.values()) {
          for (const connection of connections) {
            connection.destroy();
          }
        }
        resolve();
      }, timeout);
      this.#whenEmpty.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /**
   * As whom it is made is decided here and now, so that other credentials count for the next connection (I-127). A former connection of the same client id
   * closes first: the broker must see its DISCONNECT before CONNECT, else it publishes the will (T-52).
   */
  #connectInTurn(effect: UpstreamConnect): void {
    if (this.#closing) {
      return;
    }
    try {
      const login = this.#loginOf(effect);
      if ('refusal' in login) {
        this.#refuse(effect, login.refusal);
        return;
      }
      const clientId = this.#clientIdOf(effect, login);
      const before = this.#ending.get(clientId);
      const conflict = this.#conflictOf(effect, clientId);
      if (conflict !== undefined) {
        this.#refuse(effect, conflict, login.address.rule?.name);
      } else if (before === undefined) {
        this.#connect(effect, clientId, login);
      } else {
        before.waiting.set(effect.connection, effect);
        this.#waiting.set(effect.connection, before);
      }
    } catch (error) {
      const { connection } = effect;
      this.#later({
        type: 'upstream-lost',
        connection,
        reason: failureReason(error),
        takenOver: false,
        unsent: true,
      });
    }
  }

  #loginOf({ clientId, identity, shared }: UpstreamConnect): ReturnType<Logins['of']> {
    return shared || clientId === undefined ? this.#logins.own() : this.#logins.of(clientId, identity);
  }

  /** Error if it cannot even be tried. */
  #connect(effect: UpstreamConnect, clientId: string, login: Login): void {
    const connection = new MqttConnection(effect, clientId, this.#settings, login, this.#owner);
    this.#connections.set(effect.connection, connection);
    this.#holders.set(clientId, connection);
  }

  /** Why a client cannot have this client id at the broker: two that have one would end each other's connection again and again. */
  #conflictOf({ clientId: whose, shared }: UpstreamConnect, clientId: string): string | undefined {
    if (whose === undefined || shared) {
      return undefined;
    }
    if (this.#reserved.has(clientId)) {
      return `its client id at the broker would be one of the gateway itself (${clientId})`;
    }
    const holder = this.#holders.get(clientId)?.whose ?? whose;
    const other = holder === whose ? this.#clientAt(clientId, whose) : holder;
    return other === undefined
      ? undefined
      : `its client id at the broker (${clientId}) is that of the client ${other}: check clientIdPrefix in upstream.credentials`;
  }

  #refuse(
    { connection, protocolVersion = this.#settings.protocolVersion }: UpstreamConnect,
    reason: string,
    rule?: string,
  ): void {
    this.#later(refusal(connection, protocolVersion, reason, rule));
  }

  /** Never from inside `perform`. */
  #later(input: UpstreamInput): void {
    setImmediate(() => this.#listener(input));
  }

  #end(number: number, disconnect: boolean): void {
    const before = this.#waiting.get(number);
    if (before !== undefined) {
      before.waiting.delete(number);
      this.#waiting.delete(number);
      return;
    }
    const connection = this.#connections.get(number);
    if (connection !== undefined) {
      connection.end(disconnect);
      this.#ended(connection);
    }
  }

  /** One write to each connection in each turn of the event loop. */
  #written(connection: MqttConnection): void {
    if (this.#unflushed.push(connection) === 1) {
      setImmediate(this.#flush);
    }
  }

  readonly #flush = (): void => {
    const connections = this.#unflushed;
    this.#unflushed = [];
    for (const connection of connections) {
      connection.flush();
      this.#backlog.written(connection);
    }
  };

  #report(input: UpstreamInput): void {
    if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
      const connection = this.#connections.get(input.connection);
      if (connection !== undefined) {
        this.#ended(connection);
      }
    } else if (input.type === 'upstream-connected') {
      this.#standing.add(input.connection);
    }
    this.#listener(input);
  }

  #ended(connection: MqttConnection): void {
    this.#connections.delete(connection.number);
    this.#standing.delete(connection.number);
    if (this.#holders.get(connection.clientId) === connection) {
      this.#holders.delete(connection.clientId);
    }
    const ending = this.#ending.get(connection.clientId);
    if (ending === undefined) {
      this.#ending.set(connection.clientId, { connections: new Set([connection]), waiting: new Map() });
    } else {
      ending.connections.add(connection);
    }
  }

  #closed(connection: MqttConnection): void {
    this.#backlog.forget(connection);
    const ending = this.#ending.get(connection.clientId);
    ending?.connections.delete(connection);
    if (ending === undefined || ending.connections.size > 0) {
      return;
    }
    this.#ending.delete(connection.clientId);
    for (const effect of ending.waiting.values()) {
      this.#waiting.delete(effect.connection);
      this.#connectInTurn(effect);
    }
    if (this.#ending.size === 0) {
      for (const resolve of this.#whenEmpty.splice(0)) {
        resolve();
      }
    }
  }

  #clientIdOf({ clientId, shared }: UpstreamConnect, { clientIdPrefix }: Login): string {
    const { gatewayClientId } = this.#settings;
    if (shared) {
      return sharedClientId(gatewayClientId);
    }
    return clientId === undefined ? gatewayClientId : `${clientIdPrefix}${clientId}`;
  }
}
