/**
 * The archived mail. It is a stranger's content: everything is shown as text, and its HTML in a frame without permissions.
 *
 * @import { Answered } from "./answers.js"
 * @import { ArchivedMail } from "./types.ts"
 */
import { html } from "htm/preact";
import { refresh, useAnswer } from "./answers.js";
import { Fact } from "./controls.js";
import { countOf, formatSize, formatTime } from "./format.js";
import { toSafeDocument } from "./safe_html.js";
import { received } from "./state.js";

export function Mail() {
  const documentId = received.value?.mail?.documentId;
  return documentId && html`
    <section id="mail" aria-labelledby="mail-title">
      <h3 id="mail-title">Archived mail</h3>
      <div id="mail-content">
        <${Fetched} key=${documentId} documentId=${documentId} />
      </div>
    </section>
  `;
}

/** @param {{ documentId: string }} props */
function Fetched({ documentId }) {
  /** @type {Answered<ArchivedMail>} */
  const { body, problem } = useAnswer(`/api/mails/${encodeURIComponent(documentId)}`);
  if (body !== undefined) return html`<${Content} mail=${body} />`;
  return problem === undefined ? html`<p class="muted">Fetching the mail …</p>` : html`
    <p class="reason">${problem.detail}</p>
    <button type="button" onClick=${refresh}>Try again</button>
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
      <summary>${countOf(headers.length, "header")}</summary>
      <dl class="headers">${headers.map(({ name, value }) =>
        html`<${Fact} name=${name} value=${value} />`
      )}</dl>
    </details>
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
