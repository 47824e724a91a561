import { html, type Shown } from '../library/html.ts';

/** Drawn on 16 by 16, in the colour of the text. */
const DRAWINGS = {
  active: html`<circle cx="8" cy="8" r="5" fill="currentColor" stroke="none" />`,
  awake: html`<circle cx="8" cy="8" r="4.5" /><path d="M8 3.5a4.5 4.5 0 0 1 0 9z" fill="currentColor" />`,
  asleep: html`<path d="M12.8 9.6A5.3 5.3 0 1 1 6.4 3.2a4.2 4.2 0 0 0 6.4 6.4z" fill="currentColor" />`,
  disconnected: html`<circle cx="8" cy="8" r="4.5" />`,
  lost: html`<path d="M4 4l8 8M12 4l-8 8" stroke-width="2" />`,
  ok: html`<path d="M3.5 8.5l3 3 6-7" stroke-width="2" />`,
  error: html`<circle cx="8" cy="8" r="6" /><path d="M8 4.8v4M8 11v.2" />`,
  warn: html`<path d="M8 2.5l6 10.8H2zM8 6.5v3.2M8 11.4v.2" />`,
  info: html`<circle cx="8" cy="8" r="6" /><path d="M8 7.4v3.8M8 4.9v.2" />`,
  wait: html`<path d="M8 2.5a5.5 5.5 0 1 0 5.5 5.5" />`,
  up: html`<path d="M8 13V3M4 7l4-4 4 4" />`,
  down: html`<path d="M8 3v10M4 9l4 4 4-4" />`,
  left: html`<path d="M9.5 3.5L5 8l4.5 4.5" />`,
  search: html`<circle cx="7" cy="7" r="4.2" /><path d="M10.2 10.2L14 14" />`,
  close: html`<path d="M4 4l8 8M12 4l-8 8" />`,
  copy: html`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 3.5v-1h-8v8h1" />`,
  lock: html`<rect x="3.5" y="7" width="9" height="6.5" rx="1" /><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />`,
};

export type IconName = keyof typeof DRAWINGS;

/** A small drawing beside a word that says the same: for those who cannot see it, it is not there. */
export function Icon({ name }: { readonly name: IconName }): Shown {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${DRAWINGS[name]}</svg>`;
}
