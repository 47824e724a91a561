/** What the books hear of frames: what reaches the gateway, what it handles, what it sends. */
import type { Message } from '../../../src/codec/message.ts';
import { nameOf } from '../payload.ts';
import type { Account } from './account.ts';
import { ClientSide } from './client-side.ts';

/** What changes the session, so that its answer is behind a write. */
const CHANGES: ReadonlySet<Message['type']> = new Set([
  'REGISTER',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'WILLTOPICUPD',
  'WILLMSGUPD',
  'DISCONNECT',
]);

export class FrameSide extends ClientSide {
  readonly #thieves = new Set<string>();
  /** What the broker has for clients that may not read it, by client id and name. */
  protected readonly unreadable = new Set<string>();

  /** A frame comes from there, of somebody who wants what is not his. */
  thiefSpeaks(link: string): void {
    this.#thieves.add(link);
  }

  /** What could be shown of a session before such a frame, and behind it. */
  touched(clientId: string, link: string, before: string | undefined, after: string | undefined): void {
    if (before !== after) {
      this.ledgers.object(
        'foreign-identity',
        `${link} has changed the session of ${clientId}: ${before} became ${after}`,
      );
    }
  }

  /** A thief is refused, and hears nothing else. */
  #toThief(link: string, message: Message): void {
    const isRefusal = message.type === 'DISCONNECT' || (message.type === 'CONNACK' && message.returnCode !== 0);
    if (!isRefusal) {
      this.ledgers.object('foreign-identity', `${link} gets ${message.type}`);
    }
  }

  /** A frame has reached the gateway's socket; `message` undefined where it is none. */
  arrived(link: string, message: Message | undefined): void {
    const account = this.ledgers.byLink.get(link);
    if (account === undefined || message === undefined) {
      return;
    }
    const namesItself =
      message.type === 'PINGREQ' && message.clientId === account.plan.id && account.state === 'asleep';
    if (account.link === link || namesItself) {
      this.ledgers.presence.silence.heard(account);
    }
  }

  /** The gateway begins to handle a frame. */
  handled(link: string, message: Message | undefined): void {
    const account = this.ledgers.byLink.get(link);
    this.ledgers.pauses.handled(link, message);
    if (message?.type === 'CONNECT' && message.cleanSession) {
      this.ledgers.of(String(message.clientId), (named) => {
        named.wipedAt = this.ledgers.parts.now(); // by a stranger perhaps
      });
    }
    if (account === undefined || message === undefined) {
      return;
    }
    this.ledgers.awake.heard(account, message);
    this.ledgers.subscriptionsOf(account)?.handled(account, message);
    if (CHANGES.has(message.type)) {
      account.changesAt = this.ledgers.parts.now();
    }
    if (message.type === 'DISCONNECT' && !message.duration) {
      account.isLeaving = true;
    }
    if (message.type === 'PUBLISH') {
      this.ledgers.toBroker.heard(account, message);
    } else if (message.type === 'PUBREL' && account.isShared) {
      this.ledgers.toBroker.clientReleases(account, message.msgId);
    } else if (message.type === 'CONNECT') {
      this.#asks(account);
      account.isConnecting = true;
      account.asksSinceForgotten = true;
      account.asksClean = message.cleanSession;
      account.asksFrom = link;
      this.ledgers.toBroker.startsAnew(account, message.cleanSession);
    } else if (message.type === 'REGISTER') {
      account.regAcks.heard(String(message.topicName), message.msgId, this.ledgers.parts.now());
      if (!account.plan.denied.publish.includes(String(message.topicName))) {
        this.#accepts(account, String(message.topicName)); // from now on, though REGACK may wait for the disk
      }
    } else if (message.type === 'REGACK' && message.returnCode > 1) {
      const topic = account.registered.get(message.msgId) ?? '';
      account.refusedTopics.add(topic);
      account.refusedSubscriptions.add(topic);
      account.subscriptions.delete(topic);
      this.ledgers.subscriptionsOf(account)?.refuses(account, topic);
    }
  }

  /** CONNECT: a repetition is a new wish where the gateway has sent the client away since, or has refused it. */
  #asks(account: Account): void {
    if (Math.max(account.sentAwayAt, account.refusedAt) > (account.asksToConnect.at(-1) ?? 0)) {
      account.asksToConnect.push(this.ledgers.parts.now());
    }
  }

  #accepts(account: Account, topic: string): void {
    if (account.refusedTopics.delete(topic)) {
      account.acceptedSince.set(topic, this.ledgers.parts.now());
    }
  }

  /** The gateway sends a frame to one link. */
  sent(link: string, message: Message): void {
    const account = this.ledgers.byLink.get(link);
    if (account === undefined) {
      if (this.#thieves.has(link)) {
        this.#toThief(link, message);
      }
      return;
    }
    this.ledgers.awake.sent(account, message);
    this.ledgers.subscriptionsOf(account)?.sent(account, message);
    if (message.type === 'PUBLISH' || message.type === 'REGISTER' || message.type === 'PUBREL') {
      account.link = link; // as the gateway knows it, also where a restart has undone a move
    } else {
      account.toldAt = this.ledgers.parts.now();
    }
    switch (message.type) {
      case 'PUBLISH':
        if (this.unreadable.has(`${account.plan.id} ${nameOf(message.data)}`)) {
          this.ledgers.object(
            'denied-done',
            `${nameOf(message.data)} is sent to ${account.plan.id}, which may not read it`,
          );
        }
        if (message.qos === 2 && !message.dup) {
          account.deliversAt = this.ledgers.parts.now();
        }
        this.ledgers.toClient.sent(account, message);
        return;
      case 'REGISTER':
        if (account.registered.get(message.msgId) !== String(message.topicName)) {
          account.registersAt = this.ledgers.parts.now();
        }
        account.registered.set(message.msgId, String(message.topicName));
        return;
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBCOMP':
        this.ledgers.toBroker.answered(account, message);
        return;
      case 'CONNACK':
        account.isConnecting = false;
        if (message.returnCode === 0) {
          account.link = link;
          account.refusedTopics.clear();
          account.clean = account.asksClean;
          this.ledgers.promises.session(account, 'CONNACK');
        } else {
          account.refusedAt = this.ledgers.parts.now();
          this.ledgers.presence.attemptFailed(account);
        }
        return;
      case 'DISCONNECT':
        if (account.air === 'up') {
          account.sentAwayAt = this.ledgers.parts.now();
        }
        if (account.air === 'asleep') {
          this.ledgers.promises.session(account, 'DISCONNECT');
        }
        return;
      case 'REGACK':
        if (message.returnCode === 0) {
          account.regAcks.sent(message.msgId, this.ledgers.parts.now() - this.ledgers.parts.calm.heldByDisk());
          this.ledgers.promises.registered(account, message);
        }
        return;
      case 'SUBACK':
        if (message.returnCode === 0) {
          const filter = account.asked.get(message.msgId)?.filter ?? '';
          account.subAcked.set(filter, this.ledgers.parts.now());
          this.#accepts(account, filter);
          account.refusedSubscriptions.delete(filter);
          this.ledgers.promises.subscribed(account, message);
        }
    }
  }
}
