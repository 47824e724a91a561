import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown, useState } from '../library/html.ts';
import type { ApiClient } from '../model/api-client.ts';
import { ApiError } from '../model/api-error.ts';
import { octetsText } from '../model/format.ts';
import { topicMatches, topicProblem } from '../model/topic-match.ts';
import { Question } from '../parts/question.ts';

const LEVELS = [0, 1, 2] as const;
const ENCODER = new TextEncoder();

/** Publishes at the broker on a topic that this client has subscribed to, if it is meant for it. */
export function PublishDialog(props: {
  readonly client: ClientDetail;
  readonly api: ApiClient;
  readonly onClose: () => void;
  readonly onDone: (outcome: string) => void;
}): Shown {
  const { client, api, onClose, onDone } = props;
  const { clientId, subscriptions } = client;
  const plain = subscriptions.map(({ filter }) => filter).filter((filter) => topicProblem(filter) === undefined);
  const [topic, setTopic] = useState(plain[0] ?? '');
  const [payload, setPayload] = useState('');
  const [qos, setQos] = useState<(typeof LEVELS)[number]>(1);
  const [retain, setRetain] = useState(false);
  const reaches = subscriptions.some(({ filter }) => topicMatches(filter, topic));

  const publish = async (): Promise<void> => {
    const problem = topicProblem(topic);
    if (problem !== undefined) {
      throw new ApiError(0, problem);
    }
    await api.publish({ topic, clientId, payload, qos, retain });
    onDone(`Published ${octetsText(ENCODER.encode(payload).length)} to ${topic}.`);
  };
  return html`
    <${Question} title="Publish" answer="Publish" onClose=${onClose} onAnswer=${publish}>
      <p class="quiet">At the broker, as the gateway. Whoever has subscribed to the topic gets it, not ${clientId} alone.</p>
      <label class="field">
        <span>Topic</span>
        <input
          class="mono"
          type="text"
          list="publish-topics"
          autocomplete="off"
          spellcheck=${false}
          value=${topic}
          aria-describedby="publish-reaches"
          onInput=${(event: Event) => setTopic(textOf(event))}
        />
        <datalist id="publish-topics">${plain.map((filter) => html`<option key=${filter} value=${filter} />`)}</datalist>
        <span id="publish-reaches" class=${`hint ${topic !== '' && !reaches ? 'tone-warn' : ''}`}>
          ${reachText(topic, reaches, client)}
        </span>
      </label>
      <label class="field">
        <span>Payload, as text</span>
        <textarea class="mono" rows="3" spellcheck=${false} value=${payload} onInput=${(event: Event) => setPayload(textOf(event))}></textarea>
      </label>
      <div class="field-row">
        <label class="choice">
          <span>QoS</span>
          <select
            value=${String(qos)}
            onChange=${(event: Event) => setQos(LEVELS.find((level) => String(level) === textOf(event)) ?? 1)}
          >
            ${LEVELS.map((level) => html`<option key=${level} value=${String(level)}>${level}</option>`)}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked=${retain} onChange=${(event: Event) => setRetain((event.target as HTMLInputElement).checked)} />
          <span>Retain at the broker</span>
        </label>
      </div>
    </${Question}>
  `;
}

function reachText(topic: string, reaches: boolean, { clientId, subscriptions }: ClientDetail): string {
  if (subscriptions.length === 0) {
    return `${clientId} has subscribed to nothing, so it gets no message.`;
  }
  if (topic === '') {
    return `Filters of ${clientId}: ${subscriptions.map(({ filter }) => filter).join(', ')}`;
  }
  return reaches ? `${clientId} has subscribed to it.` : `No subscription of ${clientId} fits.`;
}

function textOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
