import { describe, expect, it } from '@jest/globals';
import { Shadow } from './shadow.ts';

describe('what a session of the broker would owe a client', () => {
  it('is nothing before SUBSCRIBE, perhaps something before SUBACK, and all behind it', () => {
    const shadow = new Shadow();
    expect(shadow.claim('t/a', 2)).toBeUndefined();
    shadow.asks('t/+', 1);
    expect(shadow.claim('t/a', 2)).toMatchObject({ best: undefined, qoses: new Set([1]) });
    shadow.granted('t/+', 1);
    expect(shadow.claim('t/a', 2)).toMatchObject({ best: 't/+', qoses: new Set([1]) });
  });

  it('comes for the filter with the highest QoS, of two for the older one', () => {
    const shadow = new Shadow();
    shadow.granted('t/+', 1);
    shadow.granted('t/#', 1);
    expect(shadow.claim('t/a', 1)).toMatchObject({ best: 't/+', isDoubted: false });
    shadow.asks('t/a', 2);
    expect(shadow.claim('t/a', 1)).toMatchObject({ best: 't/+', isDoubted: true });
    shadow.granted('t/a', 2);
    expect(shadow.claim('t/a', 1)?.best).toBe('t/a');
  });

  it('is nothing that must come behind UNSUBSCRIBE, and nothing that may behind UNSUBACK', () => {
    const shadow = new Shadow();
    shadow.granted('t/a', 2);
    shadow.leaves('t/a');
    expect(shadow.claim('t/a', 1)).toMatchObject({ best: undefined, qoses: new Set([1]) });
    shadow.left('t/a');
    expect(shadow.claim('t/a', 1)).toBeUndefined();
  });

  it('may come with a lower QoS where nobody knows whether the client had it all the time', () => {
    const shadow = new Shadow();
    shadow.granted('t/a', 2);
    expect(shadow.claim('t/a', 2)?.qoses).toEqual(new Set([2]));
    shadow.leavesAll();
    expect(shadow.claim('t/a', 2)?.qoses).toEqual(new Set([1, 2]));
  });

  it('is not owed with QoS 0, nor where SUBSCRIBE for the same filter asks for another QoS', () => {
    const shadow = new Shadow();
    shadow.granted('t/a', 1);
    expect(shadow.claim('t/a', 0)?.best).toBeUndefined();
    shadow.asks('t/a', 2);
    expect(shadow.claim('t/a', 2)).toMatchObject({ best: undefined, qoses: new Set([1, 2]) });
  });
});
