/**
 * The archived mail. It is a stranger's content: everything is shown as text, and its HTML in a frame without permissions.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answer, ArchivedMail } from "./types.ts"
 */
import { computed, effect, signal } from "@preact/signals";
import { html } from "htm/preact";
import { formatSize, formatTime } from "./format.js";
import { api } from "./message_server.js";
import { toSafeDocument } from "./safe_html.js";
import { received } from "./state.js";

/** What was fetched, or `fetching`. @type {Signal<Answer<ArchivedMail> | "fetching" | undefined>} */
const mail = signal();

const documentId = computed(() => received.value?.mail?.documentId);

/** Starts to fetch the shown email's mail. */
export function startMail() {
  effect(() => void fetchMail(documentId.value));
}

/** @param {string | undefined} id */
async function fetchMail(id) {
  mail.value = id === undefined ? undefined : "fetching";
  if (id === undefined) return;
  /** @type {Answer<ArchivedMail>} */
  const answer = await api.call(`/api/mails/${encodeURIComponent(id)}`);
  // Another email may have been chosen meanwhile.
  if (id === documentId.peek()) mail.value = answer;
}

export function Mail() {
  if (mail.value === undefined) return null;
  return html`
    <section id="mail" aria-labelledby="mail-title">
      <h3 id="mail-title">Archived mail</h3>
      <div id="mail-content">${contentOf(mail.value)}</div>
    </section>
  `;
}

/** @param {NonNullable<typeof mail.value>} shown */
function contentOf(shown) {
  if (shown === "fetching") return html`<p class="muted">Fetching the mail …</p>`;
  return shown.ok ? html`<${Content} mail=${shown.body} />` : html`
    <p class="reason">${shown.problem.detail}</p>
    <button type="button" onClick=${() => fetchMail(documentId.peek())}>Try again</button>
  `;
}

/** @param {{ mail: ArchivedMail }} props */
function Content({ mail: { deliveries, attachments, headers, ...mail } }) {
  const authors = mail.authors ?? (mail.from ? [mail.from] : []);
  const again = deliveries.length > 1 ? `, delivered ${deliveries.length} times` : "";
  const archived = `${formatTime(mail.storedAt)}, ${formatSize(mail.sizeBytes)}${again}`;
  return html`
    <dl class="headers">
      <${Fact} name="Subject" value=${mail.subject ?? "(none)"} />
      <${Fact} name="From" value=${partiesOf(authors)} />
      <${Fact} name="To" value=${partiesOf(mail.to ?? [])} />
      <${Fact} name="Date" value=${mail.date ? formatTime(mail.date) : "(none)"} />
      <${Fact} name="Archived" value=${archived} />
      ${attachments.map(({ name = "(no name)", type, sizeBytes }) => {
        const value = html`<bdi>${name}</bdi>, <bdi>${type}</bdi>, ${formatSize(sizeBytes)}`;
        return html`<${Fact} name="Attachment" value=${value} />`;
      })}
    </dl>
    <${Body} text=${mail.text} content=${mail.html} />
    <details>
      <summary>${headers.length} headers</summary>
      <dl class="headers">${headers.map(({ name, value }) =>
        html`<${Fact} name=${name} value=${value} />`
      )}</dl>
    </details>
  `;
}

/** @param {{ name: string, value: unknown }} props */
function Fact({ name, value }) {
  return html`
    <div>
      <dt><bdi>${name}</bdi></dt>
      <dd>${typeof value === "string" ? html`<bdi>${value}</bdi>` : value}</dd>
    </div>
  `;
}

/** @param {{ text: string | undefined, content: string | undefined }} props */
function Body({ text, content }) {
  const plain = text &&
    html`<pre tabindex="0" aria-label="Text of the mail"><bdi>${text}</bdi></pre>`;
  if (!content) return plain || html`<p class="muted">The mail has no text.</p>`;
  const frame = html`
    <p class="muted">HTML, without scripts, styles, links and everything remote</p>
    <iframe sandbox="" title="HTML of the mail, without scripts and remote content"
      referrerpolicy="no-referrer"
      srcdoc=${toSafeDocument(content)}></iframe>
  `;
  if (!plain) return frame;
  return html`${plain}<details class="html"><summary>HTML part</summary>${frame}</details>`;
}

/** A sender's name must not rearrange its address: each is isolated. @param {NonNullable<ArchivedMail["to"]>} parties */
function partiesOf(parties) {
  if (parties.length === 0) return "(none)";
  return parties.map(({ address, name }, index) => [
    index > 0 && ", ",
    name !== "" && html`<bdi>${name}</bdi>${" "}`,
    html`<bdi>${name === "" ? address : `<${address}>`}</bdi>`,
  ]);
}
