import { html, type Shown } from '../library/html.ts';
import { Icon, type IconName } from './icon.ts';

const ICONS: Readonly<Record<'bad' | 'warn' | 'info' | 'good', IconName>> = {
  bad: 'error',
  warn: 'warn',
  info: 'info',
  good: 'ok',
};

/** A line or two that somebody should read. */
export function Notice({ tone, children }: { readonly tone: keyof typeof ICONS; readonly children?: Shown }): Shown {
  return html`<div class="notice notice-${tone}"><${Icon} name=${ICONS[tone]} /><div>${children}</div></div>`;
}
