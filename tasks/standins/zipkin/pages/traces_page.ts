import { html } from "@hono/hono/html";
import { formatDuration } from "@playground/shared/waterfall";
import type { TraceSummary } from "../trace_summary.ts";
import { type Html, page } from "./layout.ts";

/** Lists traces. */
export function tracesPage(traces: readonly TraceSummary[]): Html {
  const content = traces.length === 0
    ? html`
      <p class="notice">No trace has arrived yet. Send an email, then <a href="/zipkin/">reload</a>.</p>
    `
    : html`
      <table class="table">
        <thead>
          <tr>
            <th>Trace</th>
            <th>Services</th>
            <th class="number">Spans</th>
            <th class="number">Duration</th>
            <th>Started</th>
            <th>Errors</th>
          </tr>
        </thead>
        <tbody>
          ${traces.map(traceRow)}
        </tbody>
      </table>
    `;
  return page(
    "Traces",
    html`
      <h1>Newest traces</h1>
      ${content}
    `,
  );
}

function traceRow(trace: TraceSummary): Html {
  return html`
    <tr>
      <td><a href="/zipkin/traces/${trace.traceId}">${trace.name}</a></td>
      <td>${trace.services.join(", ")}</td>
      <td class="number">${trace.spanCount}</td>
      <td class="number">${formatDuration(trace.durationUs)}</td>
      <td>${formatTime(trace.startMs)}</td>
      <td class="error">${trace.errorCount > 0 ? `✗ ${trace.errorCount}` : ""}</td>
    </tr>
  `;
}

/** Writes a moment for people, in UTC. */
export function formatTime(timeMs: number | undefined): string {
  const date = new Date(timeMs ?? NaN);
  return Number.isNaN(date.valueOf())
    ? ""
    : date.toISOString().replace("T", " ").replace("Z", " UTC");
}
