import { describe, expect, it } from '@jest/globals';
import { migrate, type StoreFormat } from '../../../src/store/store-format.ts';

const format: StoreFormat = {
  version: 4,
  migrations: new Map([
    [2, (texts) => new Map(Array.from(texts, ([key, text]) => [key, `${text}, 2 to 3`]))],
    [3, (texts) => new Map(Array.from(texts, ([key, text]) => [`new/${key}`, `${text}, 3 to 4`]))],
  ]),
};
const texts = new Map([['key', 'text']]);

describe('versions of the store', () => {
  it('are passed through one after the other', () => {
    expect(migrate(format, 2, texts)).toEqual(new Map([['new/key', 'text, 2 to 3, 3 to 4']]));
    expect(migrate(format, 3, texts)).toEqual(new Map([['new/key', 'text, 3 to 4']]));
    expect(migrate(format, 4, texts)).toEqual(texts);
  });

  it.each([0, 1, 5, Number.NaN])('have no way from an unknown one: %d', (version) => {
    expect(migrate(format, version, texts)).toBeUndefined();
  });
});
