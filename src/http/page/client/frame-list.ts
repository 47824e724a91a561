import type { TracedFrame } from '../../api-contract.ts';
import { html, type Shown, useEffect, useRef } from '../library/html.ts';
import { counted, preciseClockText } from '../model/format.ts';
import type { TraceLine } from '../model/frame-trace.ts';
import { Icon, type IconName } from '../parts/icon.ts';

const WAYS: Readonly<Record<TracedFrame['direction'], { icon: IconName; label: string }>> = {
  received: { icon: 'up', label: 'from it' },
  sent: { icon: 'down', label: 'to it' },
};

/** Frames, oldest first. It follows what comes, unless somebody has scrolled up to read. */
export function FrameList(props: { readonly lines: readonly TraceLine[]; readonly withOctets: boolean }): Shown {
  const { lines, withOctets } = props;
  const place = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current && place.current !== null) {
      place.current.scrollTop = place.current.scrollHeight;
    }
  }, [lines, withOctets]);
  const onScroll = (): void => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = place.current ?? {};
    follows.current = scrollTop + clientHeight > scrollHeight - 24;
  };
  return html`
    <div class="frames" tabindex="0" role="region" aria-label="Frames" ref=${place} onScroll=${onScroll}>
      ${lines.length === 0 && html`<p class="quiet">Waiting for the next frame …</p>`}
      <ol>
        ${lines.map((line) => html`<${Line} key=${line.number} line=${line} withOctets=${withOctets} />`)}
      </ol>
    </div>
  `;
}

function Line({ line, withOctets }: { readonly line: TraceLine; readonly withOctets: boolean }): Shown {
  if (line.type === 'missed') {
    return html`<li class="quiet">${counted(line.frames, 'frame')} more in that second: too many to be shown.</li>`;
  }
  const { time, direction, text, hex } = line.frame;
  const { icon, label } = WAYS[direction];
  return html`
    <li class=${`frame frame-${direction}`}>
      <time datetime=${time}>${preciseClockText(Date.parse(time))}</time>
      <span class="frame-way"><${Icon} name=${icon} />${label}</span>
      <span class="frame-text wrap">${text}${withOctets && html`<span class="frame-octets">${hex}</span>`}</span>
    </li>
  `;
}
