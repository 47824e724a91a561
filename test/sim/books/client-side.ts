/** What the books hear of clients: what they want, what they have been told, what they have got. */
import type { MessageOf } from '../../../src/codec/message.ts';
import type { Action } from '../plan.ts';
import type { Ledgers } from './ledgers.ts';

type PublishAction = Extract<Action, { do: 'publish' }>;

export class ClientSide {
  protected readonly ledgers: Ledgers;

  constructor(ledgers: Ledgers) {
    this.ledgers = ledgers;
  }

  linkOf(link: string, clientId: string): void {
    this.ledgers.of(clientId, (account) => this.ledgers.byLink.set(link, account));
  }

  starts(clientId: string, action: PublishAction, msgId: number): void {
    this.ledgers.of(clientId, (account) => this.ledgers.toBroker.starts(account, action, msgId));
  }

  taken(clientId: string, name: string): void {
    this.ledgers.of(clientId, (account) => this.ledgers.toBroker.taken(account, name));
  }

  abandoned(clientId: string, name: string): void {
    this.ledgers.of(clientId, (account) => {
      const entry = account.publishes.get(name);
      if (entry !== undefined) {
        entry.abandoned = true;
      }
    });
  }

  registers(clientId: string, topic: string, msgId: number): void {
    this.ledgers.of(clientId, ({ regAcks }) => regAcks.asks(topic, msgId, this.ledgers.parts.now()));
  }

  subscribes(clientId: string, filter: string, msgId: number): void {
    this.ledgers.of(clientId, ({ asked }) => asked.set(msgId, { filter, at: this.ledgers.parts.now() }));
  }

  subscribed(clientId: string, filter: string): void {
    this.ledgers.of(clientId, (account) => {
      account.subscriptions.add(filter);
      account.unsubscribing.delete(filter);
    });
  }

  unsubscribes(clientId: string, filter: string): void {
    this.ledgers.of(clientId, ({ unsubscribing, subscriptions }) => {
      unsubscribing.add(filter);
      subscriptions.delete(filter);
    });
  }

  connects(clientId: string, clean: boolean): void {
    this.ledgers.of(clientId, (account) => {
      account.asksToConnect.push(this.ledgers.parts.now());
      if (clean) {
        account.subscriptions.clear();
        this.ledgers.toBroker.excuse(account, 'CONNECT with CleanSession');
        this.ledgers.toClient.forgets(account);
      }
    });
  }

  connectRefused(clientId: string, returnCode: number): void {
    this.ledgers.of(clientId, (account) => this.ledgers.presence.connectRefused(account, returnCode));
  }

  rebooted(clientId: string): void {
    this.ledgers.of(clientId, (account) => this.ledgers.toClient.forgets(account));
  }

  unknownTopic(clientId: string): void {
    this.ledgers.of(clientId, (account) => {
      account.unknownTopics++;
    });
  }

  clientGot(clientId: string, message: MessageOf<'PUBLISH'>, topic: string, sentAt: number): void {
    this.ledgers.of(clientId, (account) => {
      account.gotAt = sentAt;
      this.ledgers.toClient.got(account, message, topic, sentAt);
    });
  }

  clientHasAgain(clientId: string, name: string, msgId: number): void {
    this.ledgers.of(clientId, (account) => this.ledgers.toClient.hasAgain(account, name, msgId));
  }

  clientReleased(clientId: string, msgId: number): void {
    this.ledgers.of(clientId, (account) => this.ledgers.toClient.released(account, msgId, this.ledgers.parts.now()));
  }
}
