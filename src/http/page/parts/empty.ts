import { html, type Shown } from '../library/html.ts';

/** Where there is nothing to show: what that means, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: Shown }): Shown {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;
}
