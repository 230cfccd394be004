import { html } from "@hono/hono/html";
import { formatDuration } from "@playground/shared/waterfall";
import type { TraceSummary } from "../trace_summary.ts";
import type { Html } from "../../page.ts";

export function tracesView(traces: readonly TraceSummary[]): Html {
  const content = traces.length === 0
    ? html`
      <p class="card">No trace has arrived yet. Send an email, then <a href="/zipkin/">reload</a>.</p>
    `
    : html`
      <div class="card">
        <table>
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
      </div>
    `;
  return html`
    <h1>Newest traces</h1>
    ${content}
  `;
}

function traceRow(trace: TraceSummary): Html {
  return html`
    <tr>
      <td><a href="/zipkin/traces/${trace.traceId}">${trace.name}</a></td>
      <td>${trace.services.join(", ")}</td>
      <td class="number">${trace.waterfall.rows.length}</td>
      <td class="number">${formatDuration(trace.waterfall.totalUs)}</td>
      <td>${formatTime(trace.waterfall.startUs)}</td>
      <td class="error">${trace.errorCount > 0 ? `✗ ${trace.errorCount}` : ""}</td>
    </tr>
  `;
}

/** In UTC; nothing for a trace without timestamps. */
export function formatTime(timeUs: number): string {
  const date = new Date(timeUs / 1_000);
  return timeUs === 0 || Number.isNaN(date.valueOf())
    ? ""
    : date.toISOString().replace("T", " ").replace("Z", " UTC");
}
