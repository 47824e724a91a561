import { describe, expect, it } from '@jest/globals';
import { incidentGroups, type NumberedIncident } from '../../../../src/http/page/model/incident-groups.ts';

function incident(number: number, text: string, clientId: string | null = null): NumberedIncident {
  return {
    number,
    time: `2026-11-29T00:00:0${9 - number}.000Z`,
    level: 'warn',
    event: 'x',
    text,
    clientId,
    link: null,
  };
}

describe('incidents that say the same', () => {
  it('stand together, where the newest of them is', () => {
    const [newest, other, same, oldest] = [incident(1, 'a'), incident(2, 'b'), incident(3, 'a'), incident(4, 'a')];
    expect(incidentGroups([newest, other, same, oldest])).toEqual([
      { incident: newest, count: 3 },
      { incident: other, count: 1 },
    ]);
  });

  it('but of different clients do not', () => {
    expect(incidentGroups([incident(1, 'a', 'one'), incident(2, 'a', 'two'), incident(3, 'a')])).toHaveLength(3);
  });
});
