import { html, type Shown, useEffect, useRef } from '../library/html.ts';

/** A question that has to be answered before anything else. `onClose`: it was answered with no, or left. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children?: Shown;
}): Shown {
  const { title, onClose, children } = props;
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // Whoever uses no mouse goes on where he was.
      if (opener instanceof HTMLElement) {
        opener.focus();
      }
    };
  }, []);
  return html`
    <dialog
      class="dialog"
      aria-labelledby="dialog-title"
      ref=${place}
      onCancel=${(event: Event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>
  `;
}
