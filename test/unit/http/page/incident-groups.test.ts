import { describe, expect, it } from '@jest/globals';
import { incidentGroups, mostTelling, type NumberedIncident } from '../../../../src/http/page/model/incident-groups.ts';

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

describe('the few that are shown at first', () => {
  it('have a warning in them though many notes came after it, and stay in the order of time', () => {
    const notes = Array.from(
      { length: 8 },
      (_, at): NumberedIncident => ({ ...incident(at, `note ${at}`), level: 'info' }),
    );
    const groups = incidentGroups([...notes, incident(8, 'warning'), { ...incident(9, 'error'), level: 'error' }]);
    const texts = (count: number) => mostTelling(groups, count).map((group) => group.incident.text);
    expect(texts(8)).toEqual([...notes.slice(0, 6).map((note) => note.text), 'warning', 'error']);
    expect(texts(1)).toEqual(['error']);
    expect(texts(20)).toHaveLength(10);
  });
});
