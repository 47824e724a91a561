import { describe, expect, it } from '@jest/globals';
import { ALL_CLIENTS, parseRoute, type Route, routeHref } from '../../../../src/http/page/model/route.ts';

type Known = Exclude<Route, { view: 'unknown' }>;

describe('the address of a view', () => {
  it.each<[Known, string]>([
    [{ view: 'overview' }, '#/'],
    [{ view: 'topics' }, '#/topics'],
    [{ view: 'clients', query: ALL_CLIENTS }, '#/clients'],
    [
      {
        view: 'clients',
        query: { ...ALL_CLIENTS, search: 'hall 3 & co', state: 'asleep', sort: 'waiting', order: 'desc' },
      },
      '#/clients?search=hall+3+%26+co&state=asleep&sort=waiting&order=desc',
    ],
    [{ view: 'clients', query: { ...ALL_CLIENTS, state: 'lost', page: 3 } }, '#/clients?state=lost&page=3'],
    [{ view: 'client', clientId: 'sensor-1' }, '#/clients/sensor-1'],
    [{ view: 'client', clientId: 'a/b?c#d%e <f>' }, '#/clients/a%2Fb%3Fc%23d%25e%20%3Cf%3E'],
  ])('of %j says all of it', (route, href) => {
    expect(routeHref(route)).toBe(href);
    expect(parseRoute(href)).toEqual(route);
  });

  it('is the overview where there is none', () => {
    expect(parseRoute('')).toEqual({ view: 'overview' });
    expect(parseRoute('#')).toEqual({ view: 'overview' });
  });

  it('takes a client id with a slash in it as it stands', () => {
    expect(parseRoute('#/clients/a/b')).toEqual({ view: 'client', clientId: 'a/b' });
  });

  it('leaves out what is no query', () => {
    expect(parseRoute('#/clients?state=tired&sort=colour&order=up&x=1')).toEqual({
      view: 'clients',
      query: ALL_CLIENTS,
    });
  });

  it.each(['0', '-1', '1.5', 'x', '1e3', '1000000'])('is the first page where the page is none: %s', (page) => {
    expect(parseRoute(`#/clients?page=${page}`)).toEqual({ view: 'clients', query: ALL_CLIENTS });
  });

  it.each(['#/nothing', '#/topics/1', '#//', '#/clients/%E0%A4%A'])('%s leads nowhere, and breaks nothing', (href) => {
    expect(parseRoute(href)).toEqual({ view: 'unknown' });
  });
});
