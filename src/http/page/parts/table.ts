import { html, type Shown, useState } from '../library/html.ts';
import { countText } from '../model/format.ts';

export interface TableRow {
  readonly key: string;
  readonly cells: readonly Shown[];
}

/** Rows that are shown at first, and four times as many more each time. */
const PART = 25;

/** A plain table of moderate length; `empty`: what is said where it has no rows. */
export function Table(props: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly empty: Shown;
}): Shown {
  const { label, columns, rows, empty } = props;
  const [limit, setLimit] = useState(PART);
  if (rows.length === 0) {
    return html`<p class="quiet">${empty}</p>`;
  }
  return html`
    <div class="table-frame" role="group" aria-label=${label} tabindex="0">
      <table>
        <thead>
          <tr>${columns.map((column) => html`<th key=${column} scope="col">${column}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows
            .slice(0, limit)
            .map(
              ({ key, cells }) =>
                html`<tr key=${key}>${cells.map((cell, index) => html`<td key=${index}>${cell}</td>`)}</tr>`,
            )}
        </tbody>
      </table>
    </div>
    ${
      rows.length > limit &&
      html`
        <button type="button" class="button button-small" onClick=${() => setLimit(limit + 4 * PART)}>
          Show more (${countText(rows.length - limit)} left)
        </button>
      `
    }
  `;
}
