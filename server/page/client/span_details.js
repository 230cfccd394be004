/**
 * The pinned row's times, error, tags, log and ids. Without a pinned row, where the email's time went.
 *
 * @import { Row } from "./types.ts"
 */
import { html } from "htm/preact";
import { CopyButton, Fact, marked } from "./controls.js";
import { capitalized, formatDuration } from "./format.js";
import { Icon, Tile } from "./icons.js";
import { nameOf } from "./parties.js";
import { pinnedKey, pinnedRow, rows, SETTINGS, trace } from "./state.js";
import { percent } from "./time_axis.js";

export function SpanDetails() {
  const row = pinnedRow.value;
  return row === undefined ? html`<${TimeSpent} />` : html`
    <div id="span-details">
      <${Head} row=${row} />
      <${ErrorBlock} row=${row} />
      <${Notes} row=${row} />
      <${LinkedRow} row=${row} />
      <${Facts} row=${row} />
      <${Tags} row=${row} />
      <${Logs} row=${row} />
      <${Ids} row=${row} />
    </div>
  `;
}

/** @param {{ row: Row }} props */
function Head({ row: { name, services, kinds, attempt } }) {
  const others = services.slice(1).map(nameOf);
  return html`
    <header class="flow">
      <${Tile} service=${services[0] ?? ""} />
      <h2 class="mono"><bdi>${name}</bdi></h2>
      ${kinds.map((kind) => html`<span key=${kind} class="pill">${kind.toLowerCase()}</span>`)}
      <button type="button" class="bare end" aria-label="Unpin (Escape)" onClick=${() =>
        pinnedKey.value = undefined}><${Icon} name="x" /></button>
    </header>
    <p class="muted">
      <bdi>${[nameOf(services[0] ?? ""), ...others].join(" and ")}</bdi>${attempt !== undefined &&
        `, attempt ${attempt}`}
    </p>
  `;
}

/** The error in full where it arose; elsewhere, a link to that row. @param {{ row: Row }} props */
function ErrorBlock({ row: { error, says } }) {
  if (error === undefined) return null;
  const origin = error === says
    ? undefined
    : rows.value.find((other) =>
      other.says !== undefined && (error.includes(other.says) || other.says.includes(error))
    );
  return html`
    <p class="reason"><${Icon} name="dead" /> ${origin === undefined
      ? html`<bdi>${error}</bdi>`
      : html`${says ?? "Failed"}, see <${RowLink} row=${origin} />`}</p>
  `;
}

/** @param {{ row: Row }} props */
function RowLink({ row: { key, name, attempt } }) {
  return html`
    <button type="button" class="link" onClick=${() =>
      pinnedKey.value = key}><bdi>${name}</bdi>${attempt !== undefined &&
      ` of attempt ${attempt}`}</button>
  `;
}

/** @param {{ row: Row }} props */
function Notes({ row: { correction, missingParent } }) {
  return [missingParent, correction].filter((text) => text !== undefined).map((text) =>
    html`<p key=${text} class="note"><bdi>${text}</bdi></p>`
  );
}

/** The links to the span of another trace that continues this one, or that it continues. @param {{ row: Row }} props */
function LinkedRow({ row: { link } }) {
  if (link === undefined) return null;
  const other = rows.value.find(({ key }) => key === link.rowKey);
  const text = capitalized(link.text);
  return other === undefined
    ? html`<p class="note">${text} trace ${link.traceId}</p>`
    : html`<p class="note linked">${text} <${RowLink} row=${other} /> in another trace</p>`;
}

/** @param {{ row: Row }} props */
function Facts({ row }) {
  const { key, fromUs, durationUs, ownUs, wait, traceId, spanId } = row;
  const criticalUs = (trace.value?.picture?.criticalPath ?? [])
    .filter(({ rowKey }) => rowKey === key)
    .reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const children = rows.value.filter((other) =>
    other.traceId === traceId && other.parentId === spanId
  );
  const facts = [
    ["Starts at", formatDuration(fromUs)],
    ["Takes", durationUs === null ? "not finished" : formatDuration(durationUs)],
    ["Works itself", formatDuration(ownUs)],
    ["Critical path", criticalUs === 0 ? "not on it" : formatDuration(criticalUs)],
    ["Waits", wait === undefined ? "no" : formatDuration(wait.toUs - wait.fromUs)],
    ["Children", children.length === 0 ? "none" : String(children.length)],
  ];
  return html`
    <dl class="facts">
      ${facts.map(([name, value]) => html`<${Fact} key=${name} name=${name} value=${value} />`)}
    </dl>
  `;
}

/** The tags, each with its meaning; OpenTelemetry's duplicates are separate. @param {{ row: Row }} props */
function Tags({ row: { tags } }) {
  const shown = Object.entries(tags).filter(([name]) => name !== "error");
  const isConvention = (/** @type {string} */ name) => SETTINGS.tags[name]?.isConvention ?? false;
  const own = shown.filter(([name]) => !isConvention(name));
  const others = shown.filter(([name]) => isConvention(name));
  return html`
    <section class="tags">
      <h3>Tags</h3>
      ${shown.length === 0 && html`<p class="muted">None.</p>`}
      <${TagList} tags=${own} />
      ${others.length > 0 &&
        html`
          <details>
            <summary>${others.length} more, as OpenTelemetry names them</summary>
            <${TagList} tags=${others} />
          </details>
        `}
    </section>
  `;
}

/** @param {{ tags: readonly (readonly [string, string])[] }} props */
function TagList({ tags }) {
  return html`
    <dl>
      ${tags.map(([name, value]) => {
        const meaning = SETTINGS.tags[name]?.meaning;
        return html`
          <div key=${name}>
            <dt>${breakable(name)}</dt>
            <dd class="value"><bdi>${value}</bdi></dd>
            ${meaning !== undefined && html`<dd class="meaning">${marked(meaning)}</dd>`}
          </div>
        `;
      })}
    </dl>
  `;
}

/** @param {{ row: Row }} props */
function Logs({ row: { logs } }) {
  if (logs.length === 0) return null;
  return html`
    <section class="logs">
      <h3>Log</h3>
      <ul>
        ${logs.map(({ atUs, level, text }, index) =>
          html`
            <li key=${index} data-level=${level}>
              <span class="mono muted">+${formatDuration(atUs)}</span>${" "}
              ${level !== undefined && html`<b>${level}</b>`} <bdi>${text}</bdi>
            </li>
          `
        )}
      </ul>
    </section>
  `;
}

/** @param {{ row: Row }} props */
function Ids({ row: { spanId, parentId, traceId } }) {
  return html`
    <dl class="ids">
      ${Object.entries({ Span: spanId, Parent: parentId, Trace: traceId }).map(([name, id]) =>
        id !== undefined && html`
          <div key=${name}>
            <dt>${name}</dt>
            <dd class="mono"><bdi>${id}</bdi></dd>
            <dd>
              <${CopyButton} text=${() => id} label=${`Copy the ${name.toLowerCase()} id`} />
            </dd>
          </div>
        `
      )}
    </dl>
  `;
}

/** Where the time went, while no row is pinned. */
function TimeSpent() {
  const shares = trace.value?.picture?.timeSpent ?? [];
  const totalUs = shares.reduce((sum, { us }) => sum + us, 0);
  const longestUs = shares[0]?.us ?? 1;
  return html`
    <div id="time-spent">
      <h2>${totalUs === 0 ? "Where the time went" : `Where ${formatDuration(totalUs)} went`}</h2>
      ${shares.map(({ us, service, what, isWait }) =>
        html`
          <div key=${`${service} ${what}`} class="share" data-service=${service}>
            <span><${Tile} service=${service} /> <bdi>${isWait || service === ""
              ? capitalized(what)
              : `${nameOf(service)} ${what}`}</bdi></span>
            <b>${formatDuration(us)}${part(us, totalUs)}</b>
            <i class=${isWait ? "bar wait" : "bar own"}
              style=${{ width: percent(us / longestUs) }}></i>
          </div>
        `
      )}
      <p id="span-hint" class="muted">${rows.value.length === 0
        ? "The spans of the email appear here."
        : html`Select a row to see its tags. <kbd>↑</kbd> <kbd>↓</kbd> walk, <kbd>Enter</kbd> pins, <kbd>Esc</kbd> comes back here.`}</p>
    </div>
  `;
}

/** @param {number} us @param {number} totalUs */
function part(us, totalUs) {
  const percents = Math.round(us / totalUs * 100);
  return percents === 0 ? "" : `, ${percents} %`;
}

/** A tag's name, which may wrap after a dot. @param {string} name */
function breakable(name) {
  return name.split(/(?<=\.)/).map((word) => html`${word}<wbr />`);
}
