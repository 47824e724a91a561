import { html, type Shown, useState } from '../library/html.ts';
import { ApiError } from '../model/api-error.ts';
import { Dialog } from './dialog.ts';
import { Notice } from './notice.ts';

/**
 * Asks before something is done. `answer`: the word for yes. `onAnswer` does it; where it rejects, the question stays with the reason.
 */
export function Question(props: {
  readonly title: string;
  readonly answer: string;
  readonly tone?: 'bad';
  readonly onAnswer: () => Promise<void>;
  readonly onClose: () => void;
  readonly children?: Shown;
}): Shown {
  const { title, answer, tone, onAnswer, onClose, children } = props;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await onAnswer();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <form onSubmit=${(event: Event) => void submit(event)} novalidate>
        ${children}
        <div role="alert">${problem !== undefined && html`<${Notice} tone="bad">${problem}</${Notice}>`}</div>
        <div class="dialog-foot">
          <button type="button" class="button" onClick=${onClose}>Cancel</button>
          <button type="submit" class=${`button ${tone === 'bad' ? 'button-bad-full' : 'button-main'}`} disabled=${isBusy}>
            ${answer}
          </button>
        </div>
      </form>
    </${Dialog}>
  `;
}
