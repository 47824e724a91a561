import { describe, expect, it } from '@jest/globals';
import { chosenClients } from '../../../../src/http/page/model/client-order.ts';
import { ALL_CLIENTS, type ClientQuery } from '../../../../src/http/page/model/route.ts';
import { madeUpClient } from '../../../support/made-up-gateway.ts';

const CLIENTS = [
  madeUpClient(1, {
    clientId: 'sensor-10',
    state: 'asleep',
    transport: 'udp',
    waiting: 2,
    rssi: null,
    lastTopic: 'hall/1/temp',
  }),
  madeUpClient(2, { clientId: 'sensor-9', state: 'lost', transport: 'xbee', waiting: 0, rssi: -70, lastTopic: null }),
  madeUpClient(3, {
    clientId: 'Meter-1',
    state: 'active',
    transport: 'udp',
    waiting: 2,
    rssi: -40,
    lastTopic: 'hall/2/power',
  }),
];

function chosen(query: Partial<ClientQuery>): string[] {
  return chosenClients(CLIENTS, { ...ALL_CLIENTS, ...query }).map(({ clientId }) => clientId);
}

describe('the list of clients', () => {
  it('is in the order of the client ids, in which 9 comes before 10 and capitals count for nothing', () => {
    expect(chosen({})).toEqual(['Meter-1', 'sensor-9', 'sensor-10']);
    expect(chosen({ order: 'desc' })).toEqual(['sensor-10', 'sensor-9', 'Meter-1']);
  });

  it('can be in the order of the states, the liveliest first', () => {
    expect(chosen({ sort: 'state' })).toEqual(['Meter-1', 'sensor-10', 'sensor-9']);
  });

  it('goes by client id where two are equal, whichever way it runs', () => {
    expect(chosen({ sort: 'waiting', order: 'desc' })).toEqual(['Meter-1', 'sensor-10', 'sensor-9']);
    expect(chosen({ sort: 'waiting' })).toEqual(['sensor-9', 'Meter-1', 'sensor-10']);
  });

  it('has those without a signal behind the others where the strongest comes first', () => {
    expect(chosen({ sort: 'rssi', order: 'desc' })).toEqual(['Meter-1', 'sensor-9', 'sensor-10']);
  });

  it('is searched for words in client id, address and topic, all of which have to be there', () => {
    expect(chosen({ search: 'SENSOR' })).toEqual(['sensor-9', 'sensor-10']);
    expect(chosen({ search: ' hall  power' })).toEqual(['Meter-1']);
    expect(chosen({ search: '192.0.2.1:' })).toEqual(['sensor-10']);
    expect(chosen({ search: 'hall lamp' })).toEqual([]);
  });

  it('can be narrowed to a state and a transport', () => {
    expect(chosen({ state: 'lost' })).toEqual(['sensor-9']);
    expect(chosen({ transport: 'udp' })).toEqual(['Meter-1', 'sensor-10']);
    expect(chosen({ transport: 'udp', state: 'lost' })).toEqual([]);
  });
});
