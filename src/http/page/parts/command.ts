import { html, type Shown, useState } from '../library/html.ts';
import { Icon } from './icon.ts';

/** A command line to type, or to take along where the browser lets us. */
export function Command({ text }: { readonly text: string }): Shown {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return html`
    <div class="command">
      <code tabindex="0" aria-label="Command line">${text}</code>
      ${
        window.isSecureContext &&
        html`<button type="button" class="button button-small" onClick=${() => void copy().catch(() => undefined)}>
          <${Icon} name=${isCopied ? 'ok' : 'copy'} />${isCopied ? 'Copied' : 'Copy'}
        </button>`
      }
    </div>
  `;
}
