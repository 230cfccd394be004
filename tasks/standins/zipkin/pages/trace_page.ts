import { html } from "@hono/hono/html";
import {
  formatDuration,
  missingIn,
  type Segment,
  type Waterfall,
  type WaterfallRow,
} from "@playground/shared/waterfall";
import type { TraceSummary } from "../trace_summary.ts";
import type { Html } from "../../page.ts";
import { formatTime } from "./traces_page.ts";

/** More would slow the browser; the JSON has them all. */
const MAX_ROWS = 1_000;

/** Narrower bars would vanish. */
const MIN_BAR_PERCENT = 0.3;

export function traceView(
  { traceId, name, services, errorCount, waterfall }: TraceSummary,
  journeyPage?: string,
): Html {
  const { rows, startUs, totalUs, isComplete } = waterfall;
  const shown = rows.slice(0, MAX_ROWS);
  const hiddenCount = rows.length - shown.length;
  return html`
    ${navigation(traceId, hasEmail(waterfall) ? journeyPage : undefined)}
    <h1><bdi>${name}</bdi> <small><code>${traceId}</code></small></h1>
    <p>
      ${formatDuration(totalUs)} · ${rows.length} ${rows.length === 1 ? "span" : "spans"} ·
      ${services.join(", ")} · <span class="muted">${formatTime(startUs)}</span>
      ${errorCount > 0 ? html`· <strong class="error">✗ ${errorCount} failed</strong>` : ""}
    </p>
    ${isComplete ? "" : incompleteNotice(waterfall)}
    <div class="card"><div class="row head">
      <span>Span</span>
      <span class="optional">Service</span>
      <span class="optional">Kind</span>
      <span class="optional number">Start</span>
      <span>0 – ${formatDuration(totalUs)}</span>
      <span class="number">Duration</span>
    </div>
    ${shown.map((row) => spanRow(row, totalUs))}</div>
    ${hiddenCount > 0
      ? html`<p>${hiddenCount} more spans are only in the <a href="${
        jsonPath(traceId)
      }">JSON</a>.</p>`
      : ""}
    ${legend(shown)}
  `;
}

function hasEmail({ rows }: Waterfall): boolean {
  return rows.some(({ row }) => row.name === "schedule-email");
}

export function unknownTraceView(traceId: string): Html {
  return html`
    ${navigation(traceId)}
    <h1>No span of this trace is here (yet)</h1>
    <p class="notice">
      Spans arrive in batches, about a second after the work:
      <a href="/zipkin/traces/${traceId}">reload</a> in a moment. A trace that was not sampled, and
      one that is older than those kept, never appears.
    </p>
    <p><code>${traceId}</code></p>
  `;
}

export function invalidTraceIdView(reason: string): Html {
  return html`
    <nav><a href="/zipkin/">All traces</a></nav>
    <h1>This is not the address of a trace</h1>
    <p class="notice">${reason}</p>
  `;
}

function navigation(traceId: string, journeyPage?: string): Html {
  return html`
    <nav aria-label="Trace">
      <a href="/zipkin/">All traces</a>
      ${journeyPage === undefined
        ? ""
        : html`<a href="${journeyPage}#trace=${traceId}">As a journey</a>`}
      <a href="/zipkin/traces/${traceId}">Reload</a>
      <a href="${jsonPath(traceId)}">JSON</a>
    </nav>
  `;
}

function jsonPath(traceId: string): string {
  return `/api/v2/trace/${traceId}`;
}

function incompleteNotice({ rows }: Waterfall): Html {
  const causes = new Set(rows.map(missingIn(rows, { nowUs: Date.now() * 1_000 })));
  const unfinishedCount = rows.filter(({ row }) => !row.isFinished).length;
  const sentences = [
    ...causes,
    unfinishedCount > 0 ? `${unfinishedCount} of its spans have no duration` : undefined,
  ].filter((sentence) => sentence !== undefined);
  return html`<p class="notice">This trace is not complete. ${sentences.join(". ")}.</p>`;
}

function legend(rows: readonly WaterfallRow[]): Html | string {
  const kinds = new Set(rows.flatMap(({ segments }) => segments.map(({ kind }) => kind)));
  const sentences = [
    kinds.has("child") ? "A pale bar is the work of a child." : "",
    kinds.has("wait")
      ? "An empty bar is time spent waiting: in a queue, or for the next poll."
      : "",
    rows.some(({ row }) => row.correction !== undefined)
      ? "Where a service's clock differs from its caller's, its times are corrected; the span says so."
      : "",
    kinds.has("idle") ? "A dotted line leads to a span before which nothing was recorded." : "",
  ].filter((sentence) => sentence !== "");
  return sentences.length === 0 ? "" : html`<p class="muted">${sentences.join(" ")}</p>`;
}

function spanRow(spanRow: WaterfallRow, totalUs: number): Html {
  const { row, branch, offsetUs, durationUs, segments } = spanRow;
  const isFailed = row.error !== undefined;
  const tags = Object.entries(row.tags);
  return html`
    <details class="${isFailed ? "error" : ""}" ${isFailed ? "open" : ""}
      data-service="${row.services[0] ?? ""}">
      <summary class="row">
        <span
          class="label"><span class="branch" aria-hidden="true">${branch}</span>${isFailed
            ? "✗ "
            : ""}${row.name}</span>
        <span class="service optional">${row.services.join(" → ")}</span>
        <span class="optional">${row.kinds.join(", ").toLowerCase()}</span>
        <span class="number optional">${offsetUs === undefined
          ? ""
          : formatDuration(offsetUs)}</span>
        <svg class="bar" aria-hidden="true">${segments.map((part) => bar(part, totalUs))}</svg>
        <span class="number">${durationUs === undefined ? "…" : formatDuration(durationUs)}</span>
      </summary>
      <dl>
        <dt>span id</dt>
        <dd>${row.id}</dd>
        ${row.parentId === undefined ? "" : html`
          <dt>parent id</dt>
          <dd>${row.parentId}</dd>
        `}
        ${row.correction === undefined ? "" : html`
          <dt>corrected</dt>
          <dd>${row.correction}</dd>
        `}
        ${tags.map(([key, value]) =>
          html`
            <dt><bdi>${key}</bdi></dt>
            <dd><bdi>${value}</bdi></dd>
          `
        )}
      </dl>
    </details>
  `;
}

function bar({ kind, fromUs, toUs }: Segment, totalUs: number): Html {
  const percent = (us: number) => totalUs === 0 ? 0 : us / totalUs * 100;
  const from = Math.min(percent(fromUs), 100 - MIN_BAR_PERCENT);
  const width = Math.max(percent(toUs - fromUs), MIN_BAR_PERCENT);
  return kind === "idle"
    ? html`<line class="idle" x1="${percent(fromUs)}%" x2="${percent(toUs)}%" y1="50%" y2="50%" />`
    : html`<rect class="${kind}" x="${from}%" width="${width}%" y="15%" height="70%" />`;
}
