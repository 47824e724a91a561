import { html, type Shown } from '../library/html.ts';

/** A part of a view with a heading of its own. `aside`: beside the heading. */
export function Card(props: {
  readonly title: string;
  readonly aside?: Shown;
  readonly tone?: 'bad' | 'warn';
  readonly kind?: string;
  readonly children?: Shown;
}): Shown {
  const { title, aside, tone, kind = '', children } = props;
  return html`
    <section class=${`card ${kind} ${tone === undefined ? '' : `card-${tone}`}`}>
      <header class="card-head"><h2>${title}</h2>${aside}</header>
      ${children}
    </section>
  `;
}
