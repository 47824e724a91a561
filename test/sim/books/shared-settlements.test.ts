import { describe, expect, it } from '@jest/globals';
import type { Outgoing } from '../broker-session.ts';
import { makePlan } from '../make-plan.ts';
import { payloadOf } from '../payload.ts';
import { Account } from './account.ts';
import { Findings } from './findings.ts';
import { SharedDebts } from './shared-debts.ts';
import { SharedSettlements } from './shared-settlements.ts';

const GROUP = '$share/g/t/#';

describe('the books of a message for a group', () => {
  it.each([
    ['has joined since it was routed, and the disk has it for that one', true, false, undefined],
    ['has joined since then with QoS 0, and may have had it', false, true, undefined],
    ['is no member', false, false, 'acknowledged-not-delivered'],
  ])('are content where somebody %s', (_what, hasJoined, hasQos0, check) => {
    const { clients } = makePlan({ seed: 1, hours: 0.01, without: new Set(), mode: 'aggregating' });
    const accounts = clients.slice(0, 2).map((plan) => new Account({ ...plan, clean: false }, true));
    const [member, other] = accounts as [Account, Account];
    for (const account of accounts) {
      account.deliveries.set('b.1', { topic: 't/a', got: 0, dropped: false } as never);
    }
    const findings = new Findings(new Set(), new Set(), () => 0);
    const settlements = new SharedSettlements({
      findings,
      accounts: new Map(accounts.map((account) => [account.plan.id, account])),
      debts: new SharedDebts(''),
      now: () => 0,
      later: (_delay, run) => run(),
      heldByDisk: () => 0,
      isStored: (account) => account === other,
      isMember: (account) => account === member || hasJoined,
      mayHaveQos0: (account) => account === other && hasQos0,
    });
    settlements.routedToGroup('b.1', GROUP, [member]);
    const rest = { qos: 1, retain: false, since: 0, packetId: 1, sent: true, released: false } as const;
    const message: Outgoing = { topic: 't/a', payload: payloadOf('b.1', 0), filters: [GROUP], ...rest };
    settlements.acknowledged(message, 'PUBACK');
    expect(findings.first?.check).toBe(check);
  });
});
