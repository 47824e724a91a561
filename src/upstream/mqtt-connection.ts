import type { UpstreamConnect, UpstreamInput } from '../ports/upstream.ts';
import { BrokerStream, type StreamListener } from './broker-stream.ts';
import { Connecting } from './connecting.ts';
import { failureCode, failureReason } from './failure-reason.ts';
import { KeepAlive, type Kept } from './keep-alive.ts';
import { type Login, withLogin } from './logins.ts';
import { problemOf } from './packet-problem.ts';
import { inputOf, type PacketEffect, type PacketSource, type ReceivedPacket } from './packets.ts';
import { refusal } from './refusal.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

/** Who is told about a connection; never called from inside one of its methods, save `written`. */
export interface MqttConnectionOwner {
  report(input: UpstreamInput): void;
  /** Something is to be written: `flush` at the end of this turn of the event loop. */
  written(connection: MqttConnection): void;
  /** All that was written has been handed to the operating system, after it had not been. */
  drained(connection: MqttConnection): void;
  /** The stream has closed; nothing comes any more. */
  closed(connection: MqttConnection): void;
}

/** How long a broker may take to close its side after DISCONNECT, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/** One error for all packets that have not left by then: without it each would be given one of its own. */
const GIVEN_UP = new Error('the connection was given up');

/**
 * One attempt to connect to the broker and, if it succeeds, the connection. MQTT.js makes the stream and says CONNECT (connecting.ts); everything
 * else is written by the effects, with the packet ids of the core, and by the keep-alive.
 */
export class MqttConnection implements StreamListener, Kept {
  readonly number: number;
  readonly clientId: string;
  /** Of the client whose connection it is, as the client says it; undefined: it is the gateway's, or shared. */
  readonly whose: string | undefined;
  readonly #login: Login;
  readonly #owner: MqttConnectionOwner;
  readonly #source: PacketSource;
  readonly #settings: UpstreamSettings;
  readonly #stream: BrokerStream;
  /** Undefined: CONNACK has come, and it was no refusal. */
  #connecting: Connecting | undefined;
  #keepAlive: KeepAlive | undefined;
  /** Nothing is reported any more. */
  #ended = false;
  /** CONNECT and DISCONNECT have been written, CONNACK has not come. */
  #endsOnConnack = false;
  #reason: string | undefined;
  /** Code of the error that is the reason. */
  #code = '';
  /** It was ended on this side. */
  #endedByUs = false;
  /** What the broker sent was the reason. */
  #isUnreadable = false;
  #forcedClose: NodeJS.Timeout | undefined;
  /** PINGREQs without an answer, oldest first: `core` where the core asked for it, else how many QoS 0 publishes the keep-alive came behind. */
  #pings: ('core' | number)[] = [];
  /** QoS 0 publishes that were written, and those that were reported as kept. */
  #qos0Written = 0;
  #qos0Kept = 0;

  /** Starts to connect. Error if MQTT.js cannot even try. */
  constructor(
    effect: UpstreamConnect,
    clientId: string,
    settings: UpstreamSettings,
    login: Login,
    owner: MqttConnectionOwner,
  ) {
    this.number = effect.connection;
    this.clientId = clientId;
    this.whose = effect.shared ? undefined : effect.clientId;
    this.#login = login;
    this.#owner = owner;
    this.#source = {
      connection: effect.connection,
      protocolVersion: effect.protocolVersion ?? settings.protocolVersion,
      requests: effect.requests === true,
    };
    this.#settings = settings;
    const { address, secureContext } = login;
    this.#connecting = new Connecting(
      { effect, clientId, settings, address, secureContext, read: (octets) => this.#stream.read(octets) },
      (error) => this.#failed(error),
    );
    const { stream } = this.#connecting;
    this.#stream = new BrokerStream(stream, this.#source.protocolVersion, this);
    stream.on('error', (error) => this.#failed(error));
    stream.on('close', () => this.#closed());
    stream.on('drain', () => this.#owner.drained(this));
  }

  /** Writes one packet, after all that was written before. */
  perform(effect: PacketEffect): void {
    if (this.#ended) {
      return;
    }
    this.#stream.write(effect);
    if (effect.type === 'upstream-publish' && effect.qos === 0) {
      this.#qos0Written++;
    } else if (effect.type === 'upstream-ping') {
      this.#pings.push('core');
    }
  }

  /** Hands what was written to the operating system, as far as that takes it. */
  flush(): void {
    this.#stream.flush();
  }

  /** Octets that were written and that the operating system has not taken yet; over WebSockets too. */
  get backlog(): number {
    return this.#stream.backlog;
  }

  /** The broker does not take what is written, or does again. */
  blocked(isBlocked: boolean): void {
    if (!this.#ended) {
      this.#owner.report({ type: isBlocked ? 'upstream-blocked' : 'upstream-drained', connection: this.number });
    }
  }

  /**
   * Ends the connection when all that was written before is out: with `disconnect` after MQTT DISCONNECT, else without, so that
   * the broker publishes the will. Forced when the broker has not closed its side after two seconds.
   */
  end(disconnect: boolean): void {
    if (this.#ended) {
      return;
    }
    this.#end();
    const stream = this.#connecting?.stream as { connecting?: boolean; secureConnecting?: boolean } | undefined;
    if (stream?.connecting === true || stream?.secureConnecting === true) {
      // CONNECT has not gone out yet.
      this.destroy();
      return;
    }
    if (disconnect) {
      this.#stream.writePacket({ cmd: 'disconnect', reasonCode: 0 });
      if (this.#connecting) {
        // A broker that sees the end of the stream while it still checks CONNECT might take that for a lost client: stay until it has answered.
        this.#endsOnConnack = true;
        this.flush();
        this.#forceCloseLater();
        return;
      }
    }
    this.#endStream();
  }

  /** Closes at once, whatever has not been written yet. */
  destroy(): void {
    this.#end();
    this.#stream.destroy(GIVEN_UP);
  }

  /** Nothing is reported any more. */
  #end(): void {
    this.#ended = true;
    this.#keepAlive?.stop();
  }

  #endStream(): void {
    this.#stream.end();
    this.#forceCloseLater();
  }

  #forceCloseLater(): void {
    this.#forcedClose ??= setTimeout(() => this.destroy(), CLOSE_TIMEOUT);
  }

  #failed(error: Error): void {
    if (this.#reason === undefined) {
      this.#reason = this.#connecting?.describe(error) ?? failureReason(error);
      this.#code = failureCode(error);
    }
    // errors of the system (ECONNRESET, …) have a text as code; those that are found here, such as a ping without answer, have not
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') {
      this.#endedByUs = true;
    }
    this.#stream.destroy();
  }

  #closed(): void {
    clearTimeout(this.#forcedClose);
    if (!this.#ended) {
      this.#end();
      const reason = this.#whyLost();
      if (this.#connecting?.isProofRefused(this.#reason ?? '', this.#code)) {
        this.#owner.report(refusal(this.number, this.#source.protocolVersion, reason, this.#login.address.rule?.name));
        this.#owner.closed(this);
        return;
      }
      const ours = this.#endedByUs && { ours: true as const };
      const unreadable = ours && this.#isUnreadable && { unreadable: true as const };
      const unsent = this.#connecting?.isReached === false && { unsent: true as const };
      this.#owner.report({
        type: 'upstream-lost',
        connection: this.number,
        reason,
        takenOver: false,
        ...ours,
        ...unreadable,
        ...unsent,
      });
    }
    this.#owner.closed(this);
  }

  #whyLost(): string {
    if (this.#connecting === undefined) {
      return this.#reason ?? 'closed by the broker';
    }
    const reason = this.#reason ?? 'closed by the broker before CONNACK';
    return this.#connecting.whyNotMade(reason, this.#code, this.#source.protocolVersion);
  }

  answered(octets: Uint8Array): void {
    this.#connecting?.answered(octets);
  }

  unreadable(error: Error): void {
    this.#isUnreadable = true;
    this.#failed(error);
  }

  writes(): void {
    this.#owner.written(this);
  }

  ping(): void {
    this.#pings.push(this.#qos0Written);
    this.#stream.writePacket({ cmd: 'pingreq' });
  }

  fellSilent(): void {
    this.#failed(new Error('no answer to ping'));
  }

  heard(packet: ReceivedPacket): void {
    if (this.#ended) {
      if (packet.cmd === 'connack' && this.#endsOnConnack) {
        this.#endStream();
      }
      return;
    }
    if (this.#reason !== undefined) {
      return; // it is over already: nothing behind what was the reason counts
    }
    if (packet.cmd !== 'publish') {
      this.#keepAlive?.heard();
    }
    if (packet.cmd === 'pingresp') {
      const asked = this.#pings.shift();
      if (asked !== 'core') {
        this.#kept(asked ?? 0);
        return;
      }
    }
    const problem = problemOf(packet, this.#connecting === undefined);
    if (problem !== undefined) {
      this.#failed(new Error(problem));
      return;
    }
    const input = inputOf(packet, this.#source);
    if (input === undefined) {
      return;
    }
    const over = input.type === 'upstream-refused' || input.type === 'upstream-lost';
    if (over) {
      this.#end();
    } else if (packet.cmd === 'connack') {
      this.#stands(packet.properties?.serverKeepAlive);
    }
    this.#owner.report(withLogin(input, this.#login));
    if (over) {
      this.#endStream();
    }
  }

  /** `serverKeepAlive`: of the broker, in seconds, in place of ours, also where we have none (MQTT 5, 3.1.2.10); undefined: it takes ours. */
  #stands(serverKeepAlive: number | undefined): void {
    this.#connecting?.letGo();
    this.#connecting = undefined;
    const keepAlive = serverKeepAlive ? serverKeepAlive * 1000 : this.#settings.keepAlive;
    if (keepAlive > 0) {
      this.#keepAlive = new KeepAlive(keepAlive, this, this.#stream);
    }
  }

  /** The broker has had so many QoS 0 publishes. */
  #kept(publishes: number): void {
    if (publishes > this.#qos0Kept) {
      this.#qos0Kept = publishes;
      this.#owner.report({ type: 'upstream-kept', connection: this.number, publishes });
    }
  }
}
