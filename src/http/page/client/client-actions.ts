import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown, useState } from '../library/html.ts';
import type { ApiClient } from '../model/api-client.ts';
import { counted } from '../model/format.ts';
import { Icon } from '../parts/icon.ts';
import { Notice } from '../parts/notice.ts';
import { Question } from '../parts/question.ts';
import { PublishDialog } from './publish-dialog.ts';

type Action = 'publish' | 'disconnect' | 'forget';

/** What can be done to a client, each after a question. `hint`: why nothing can be, and what to set. */
export function ClientActions(props: {
  readonly client: ClientDetail;
  readonly api: ApiClient;
  readonly isAllowed: boolean;
  readonly hint: string | undefined;
  readonly onChanged: () => void;
}): Shown {
  const { client, api, isAllowed, hint, onChanged } = props;
  const { clientId, state } = client;
  const [asked, ask] = useState<Action | undefined>(undefined);
  const [outcome, setOutcome] = useState('');
  const isThere = state === 'active' || state === 'awake' || state === 'asleep';
  const close = (): void => ask(undefined);
  const done = (text: string): void => {
    close();
    setOutcome(text);
    onChanged();
  };
  const button = (action: Action, label: string, isPossible = true): Shown => html`
    <button
      type="button"
      class=${`button ${action === 'forget' ? 'button-bad' : ''}`}
      disabled=${!isAllowed || !isPossible}
      aria-describedby=${hint === undefined ? undefined : 'access-hint'}
      onClick=${() => ask(action)}
    >
      ${label}
    </button>
  `;
  return html`
    <div class="actions" role="group" aria-label="Actions">
      ${button('publish', 'Publish …')}
      ${button('disconnect', 'Disconnect …', isThere)}
      ${button('forget', 'Forget session …')}
      ${hint !== undefined && html`<p id="access-hint" class="hint"><${Icon} name="lock" /><span>${hint}</span></p>`}
      <div class="outcome" role="status">${outcome !== '' && html`<${Notice} tone="good">${outcome}</${Notice}>`}</div>
    </div>
    ${asked === 'publish' && html`<${PublishDialog} client=${client} api=${api} onClose=${close} onDone=${done} />`}
    ${
      asked === 'disconnect' &&
      html`
        <${Question}
          title=${`Disconnect ${clientId}?`}
          answer="Disconnect"
          onClose=${close}
          onAnswer=${async () => {
            await api.disconnect(clientId);
            done(`DISCONNECT was sent to ${clientId}.`);
          }}
        >
          <p>It gets a DISCONNECT. Its session stays, and it may connect again at any time, as most clients do by themselves.</p>
        </${Question}>
      `
    }
    ${
      asked === 'forget' &&
      html`
        <${Question}
          title=${`Forget the session of ${clientId}?`}
          answer="Forget session"
          tone="bad"
          onClose=${close}
          onAnswer=${async () => {
            await api.forget(clientId);
            done(`The session of ${clientId} is forgotten.`);
          }}
        >
          <p>
            ${lossText(client)}${' '}${isThere && 'It will be disconnected.'} This cannot be undone.
          </p>
        </${Question}>
      `
    }
  `;
}

/** What goes with a session. */
function lossText({ subscriptions, topicIds, waiting, willTopic }: ClientDetail): string {
  const parts = [counted(subscriptions.length, 'subscription'), counted(topicIds.length, 'topic id')];
  if (willTopic !== null) {
    parts.push('its will');
  }
  return `Lost, here and at the broker: ${parts.join(', ')}, and ${counted(waiting, 'message')} waiting here.`;
}
