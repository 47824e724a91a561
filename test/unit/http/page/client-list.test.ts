import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClientItem } from '../../../../src/http/api-contract.ts';
import { ApiError } from '../../../../src/http/page/model/api-error.ts';
import { ClientList } from '../../../../src/http/page/model/client-list.ts';
import { ALL_CLIENTS, type ClientQuery } from '../../../../src/http/page/model/route.ts';
import { itemOf } from '../../../support/fake-api.ts';
import { madeUpClient } from '../../../support/made-up-gateway.ts';

interface Page {
  readonly total: number;
  readonly items: readonly ClientItem[];
}

/** Answers when the test says so. */
class SlowApi {
  readonly asked: ClientQuery[] = [];
  readonly #answers: { resolve(page: Page): void; reject(error: Error): void }[] = [];

  clients(query: ClientQuery): Promise<Page> {
    this.asked.push(query);
    return new Promise((resolve, reject) => this.#answers.push({ resolve, reject }));
  }

  async answer(page: Page): Promise<void> {
    this.#answers.shift()?.resolve(page);
    await settled();
  }

  async fail(error: Error): Promise<void> {
    this.#answers.shift()?.reject(error);
    await settled();
  }
}

const ONE = itemOf(madeUpClient(1, { clientId: 'one' }));
const TWO = itemOf(madeUpClient(2, { clientId: 'two' }));
const THREE = itemOf(madeUpClient(3, { clientId: 'three' }));
const LOST: ClientQuery = { ...ALL_CLIENTS, state: 'lost' };

let api: SlowApi;
let list: ClientList;

beforeEach(() => {
  jest.useFakeTimers();
  api = new SlowApi();
  list = new ClientList(api);
});

afterEach(() => {
  jest.useRealTimers();
});

async function settled(): Promise<void> {
  await jest.advanceTimersByTimeAsync(0);
}

function ids(): string[] {
  return [...(list.known.get()?.items.keys() ?? [])];
}

describe('the clients that the page knows', () => {
  it('are all of the gateway, and follow what it tells', async () => {
    void list.load();
    await api.answer({ total: 2, items: [ONE, TWO] });
    list.apply({ changed: [{ ...ONE, waiting: 7 }, THREE], removed: ['two'], reset: false });
    expect(ids()).toEqual(['one', 'three']);
    expect(list.known.get()).toMatchObject({ total: 2, partial: false });
    expect(list.known.get()?.items.get('one')?.waiting).toBe(7);
  });

  it('do not lose what the gateway told while the list was on its way', async () => {
    void list.load();
    list.apply({ changed: [THREE], removed: ['one'], reset: false });
    await api.answer({ total: 2, items: [ONE, TWO] });
    expect(ids()).toEqual(['two', 'three']);
  });

  it('are asked for again, in a while and once, where more has changed than was told', async () => {
    void list.load();
    await api.answer({ total: 1, items: [ONE] });
    list.apply({ changed: [], removed: [], reset: true });
    list.apply({ changed: [], removed: [], reset: true });
    expect(api.asked).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(api.asked).toHaveLength(2);
  });

  it('are asked for once more, where somebody asks while they are on their way', async () => {
    void list.load();
    void list.load();
    void list.load();
    expect(api.asked).toHaveLength(1);
    await api.answer({ total: 1, items: [ONE] });
    expect(api.asked).toHaveLength(2);
    await api.answer({ total: 1, items: [TWO] });
    expect(ids()).toEqual(['two']);
    expect(api.asked).toHaveLength(2);
  });

  it('stay, with the reason, where the gateway does not tell them', async () => {
    void list.load();
    await api.answer({ total: 1, items: [ONE] });
    void list.load();
    await api.fail(new ApiError(503, 'Too many lists.'));
    expect(list.problem.get()).toBe('Too many lists.');
    expect(ids()).toEqual(['one']);
    void list.load();
    await api.answer({ total: 1, items: [TWO] });
    expect(list.problem.get()).toBeUndefined();
  });
});

describe('more clients than are told at once', () => {
  it('are looked for by the gateway', async () => {
    void list.load();
    await api.answer({ total: 20_000, items: [ONE, TWO] });
    expect(list.known.get()).toMatchObject({ partial: true, total: 20_000 });
    list.choose({ ...LOST, search: 'a' });
    list.choose(LOST);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(api.asked).toEqual([ALL_CLIENTS, LOST]);
    await api.answer({ total: 1, items: [THREE] });
    expect(ids()).toEqual(['three']);
  });

  it('are asked for at once where something was chosen before', async () => {
    list.choose(LOST);
    void list.load();
    await api.answer({ total: 20_000, items: [ONE, TWO] });
    expect(api.asked).toEqual([ALL_CLIENTS, LOST]);
  });

  it('are gone through a page at a time', async () => {
    void list.load();
    await api.answer({ total: 20_002, items: [ONE, TWO] });
    expect(list.known.get()).toMatchObject({ first: 0, pages: 3 });
    list.choose({ ...LOST, page: 3 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(api.asked.at(-1)).toEqual({ ...LOST, page: 3 });
    await api.answer({ total: 20_001, items: [THREE] });
    expect(list.known.get()).toMatchObject({ total: 20_001, partial: true, first: 20_000, pages: 3 });
    expect(ids()).toEqual(['three']);
  });

  it('are asked for at once on the page that was chosen before', async () => {
    list.choose({ ...ALL_CLIENTS, page: 2 });
    void list.load();
    await api.answer({ total: 20_000, items: [ONE, TWO] });
    expect(api.asked).toEqual([ALL_CLIENTS, { ...ALL_CLIENTS, page: 2 }]);
    await api.answer({ total: 20_000, items: [THREE] });
    expect(list.known.get()).toMatchObject({ first: 10_000, pages: 2 });
  });

  it.each([
    [10_001, { ...ALL_CLIENTS, page: 2 }, { total: 10_001, items: [THREE] }, 10_000],
    [2, ALL_CLIENTS, { total: 2, items: [ONE, TWO] }, 0],
  ])('are those of the last page where the chosen one is behind it: of %j', async (total, asked, answer, first) => {
    list.choose({ ...ALL_CLIENTS, page: 5 });
    void list.load();
    await api.answer({ total: 50_000, items: [ONE, TWO] });
    await api.answer({ total, items: [] });
    expect(api.asked.at(-1)).toEqual(asked);
    await api.answer(answer);
    expect(api.asked).toHaveLength(3);
    expect(list.known.get()).toMatchObject({ first, total });
  });

  it('are asked for again each minute while somebody looks at them, for new ones are not told', async () => {
    list.follow(true);
    void list.load();
    await api.answer({ total: 20_000, items: [ONE, TWO] });
    await jest.advanceTimersByTimeAsync(59_000);
    expect(api.asked).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(api.asked).toHaveLength(2);
    await api.answer({ total: 20_001, items: [ONE, THREE] });
    expect(ids()).toEqual(['one', 'three']);
    list.follow(false);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(api.asked).toHaveLength(2);
    list.follow(true);
    void list.load();
    await api.answer({ total: 2, items: [ONE, TWO] });
    await jest.advanceTimersByTimeAsync(600_000);
    expect(api.asked).toHaveLength(3);
  });

  it('do not come among those that were found, when they change', async () => {
    void list.load();
    await api.answer({ total: 20_000, items: [ONE, TWO] });
    list.apply({ changed: [THREE, { ...ONE, waiting: 3 }], removed: ['two'], reset: false });
    expect(ids()).toEqual(['one']);
    expect(list.known.get()).toMatchObject({ total: 19_999, partial: true });
  });

  it('are all there again when they have become fewer', async () => {
    void list.load();
    await api.answer({ total: 20_000, items: [ONE, TWO] });
    void list.load();
    await api.answer({ total: 2, items: [ONE, TWO] });
    expect(list.known.get()).toMatchObject({ total: 2, partial: false });
  });
});

describe('the clients that fit a choice', () => {
  it('are not asked for where all of them are here', async () => {
    void list.load();
    await api.answer({ total: 2, items: [ONE, TWO] });
    list.choose(LOST);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(api.asked).toHaveLength(1);
  });
});
