import { describe, expect, it } from '@jest/globals';
import { HubBench } from '../../support/hub-bench.ts';

/** Client `a` of a gateway whose topics at the broker begin with `site/a/`. */
function serving(topicPrefix = 'site/%c/'): HubBench {
  const bench = new HubBench({ settings: { upstream: { topicPrefix }, sessions: { queue: { messages: 2 } } } });
  bench.client('a', { clean: false });
  bench.got('a');
  return bench;
}

const topics = (bench: HubBench, type: string) =>
  bench.turns
    .flat()
    .flatMap((effect) =>
      effect.type === 'note' && effect.note.type === type && 'topic' in effect.note ? [effect.note.topic] : [],
    );

/** The broker closes the connection on what is out, until that is given up. */
function fells(bench: HubBench): void {
  for (const _time of [1, 2]) {
    const { shared: broken } = bench;
    bench.breaks();
    while (bench.shared === broken) {
      bench.wait(100);
    }
    bench.stands({ sessionPresent: true });
    bench.wait(1_000);
  }
}

describe("notes of an aggregating gateway mean the client's names (I-92)", () => {
  it('of a message for which the queue has no room, and of those that are shown', () => {
    const bench = serving();
    bench.subscribe('a', 'tp', 1);
    bench.says('a', '02 18');
    for (const packetId of [1, 2, 3]) {
      bench.comes('site/a/tp', 'm', { qos: 1, packetId, identifiers: [65] });
    }
    expect(topics(bench, 'delivery-dropped')).toEqual(['tp']);
    expect(bench.core.session('a')?.waitingMessages.map(({ topic }) => topic)).toEqual(['tp', 'tp']);
  });

  it.each(['site/%c/', 'site/'])('of poison, with the prefix %s', (prefix) => {
    const bench = serving(prefix);
    bench.publishes('a', 1, 9, 'bad');
    fells(bench);
    bench.asks('a', 'x/+', 1);
    fells(bench);
    bench.asks('a', '$share/g/x/+', 1);
    fells(bench);
    expect(topics(bench, 'poison-given-up')).toEqual(['tp', 'x/+', '$share/g/x/+']);
  });

  it('of a will that the broker refuses, with its link', () => {
    const bench = serving();
    bench.client('w', { will: 'off' });
    bench.wait(16_000_000);
    bench.acks('PUBACK', 1, 0x87);
    expect(topics(bench, 'client-publish-dropped')).toEqual(['will']);
  });

  it('of a will on which the broker closes the connection, with the address that its client had', () => {
    const bench = serving();
    bench.client('w', { will: 'off' });
    bench.wait(16_000_000);
    fells(bench);
    expect(topics(bench, 'poison-given-up')).toEqual(['will']);
    expect(bench.turns.flat()).toContainEqual({
      type: 'note',
      note: expect.objectContaining({ type: 'poison-given-up', clientId: 'w', link: expect.stringMatching(/./) }),
    });
  });
});
