import { html } from "@hono/hono/html";

/** How long a fault may last, in milliseconds; empty: until it is cleared. */
const DURATIONS = [
  { value: "", label: "until cleared" },
  { value: "10000", label: "10 seconds" },
  { value: "60000", label: "1 minute" },
  { value: "300000", label: "5 minutes" },
] as const;

/** Renders the panel that sets and clears faults; the script fills it with what there is. */
export function renderFaultPanel(): ReturnType<typeof html> {
  return html`
    <section class="card" aria-labelledby="faults-title">
      <details id="faults">
        <summary><h2 id="faults-title">Break something</h2> <span id="fault-count" class="badge" role="status">…</span></summary>
        <form id="fault-form">
          <div class="field">
            <label for="fault">Fault</label>
            <select id="fault" aria-describedby="fault-explanation"></select>
            <p id="fault-explanation" class="muted"></p>
          </div>
          <div class="fields">
            <div class="field" id="fault-parameter" hidden></div>
            <div class="field">
              <label for="fault-probability">Probability (%)</label>
              <input id="fault-probability" type="number" min="1" max="100" value="100">
            </div>
            <div class="field">
              <label for="fault-duration">For</label>
              <select id="fault-duration">
                ${DURATIONS.map(({ value, label }) =>
                  html`<option value="${value}">${label}</option>`
                )}
              </select>
            </div>
          </div>
          <button class="primary">Set the fault</button>
          <p id="fault-status" class="status" role="status" data-tone="failed"></p>
        </form>
        <ul id="active-faults" aria-label="Active faults"></ul>
        <button id="fault-clear-all" type="button" class="quiet" hidden>Clear all</button>
      </details>
    </section>
  `;
}
