import { parseRoute, type Route, routeHref } from './route.ts';
import { Value } from './value.ts';

/** Keeps the address of the page and what is shown the same. */
export class Router {
  readonly route: Value<Route>;

  constructor() {
    this.route = new Value(parseRoute(location.hash));
    addEventListener('hashchange', () => this.route.set(parseRoute(location.hash)));
  }

  /** Goes to a route. */
  go(route: Exclude<Route, { view: 'unknown' }>): void {
    location.hash = routeHref(route);
  }

  /** Goes to a route that is no place to come back to: what was typed and chosen on the way. At once, for the next key may be on its way. */
  replace(route: Exclude<Route, { view: 'unknown' }>): void {
    this.route.set(route);
    try {
      history.replaceState(null, '', routeHref(route));
    } catch {
      // Some browsers allow only so many in a while. The address is then a little behind.
    }
  }
}
