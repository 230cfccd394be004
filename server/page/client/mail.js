/**
 * The archived mail. It is a stranger's text: everything is shown as text, and its HTML in a frame that can do nothing.
 *
 * @module
 * @import { Api } from "./api.js"
 * @import { Answer, ArchivedMail, Party } from "./types.ts"
 */
import { element, part } from "./dom.js";
import { formatSize, formatTime } from "./format.js";
import { toSafeDocument } from "./safe_html.js";

const section = part("mail", HTMLElement);
const content = part("mail-content", HTMLElement);

/** @type {string | undefined} */
let shownId;

/**
 * Shows the archived mail, or hides it.
 *
 * @param {Api} api Fetches it.
 * @param {string | undefined} documentId The id of its document; `undefined` where there is none (yet).
 */
export async function showMail(api, documentId) {
  if (documentId === shownId) return;
  shownId = documentId;
  section.hidden = documentId === undefined;
  content.replaceChildren();
  if (documentId === undefined) return;
  content.append(element("p", { class: "muted" }, "Fetching the mail …"));
  /** @type {Answer<ArchivedMail>} */
  const answer = await api.call(`/api/mails/${encodeURIComponent(documentId)}`);
  if (documentId !== shownId) return; // Another email was chosen meanwhile.
  if (answer.ok) {
    content.replaceChildren(...mailView(answer.body));
    return;
  }
  const again = element("button", { type: "button" }, "Try again");
  again.addEventListener("click", () => {
    shownId = undefined;
    void showMail(api, documentId);
  });
  content.replaceChildren(element("p", { class: "reason" }, answer.problem.detail), again);
}

/**
 * @param {ArchivedMail} mail
 * @returns {HTMLElement[]}
 */
function mailView(mail) {
  const { deliveries, attachments } = mail;
  return [
    facts([
      ["Subject", mail.subject ?? "(none)"],
      [
        "From",
        (mail.authors ?? (mail.from ? [mail.from] : [])).map(partyText).join(", ") || "(none)",
      ],
      ["To", mail.to?.map(partyText).join(", ") || "(none)"],
      ["Date", mail.date ? formatTime(mail.date) : "(none)"],
      [
        "Archived",
        `${formatTime(mail.storedAt)}, ${formatSize(mail.sizeBytes)}${
          deliveries.length > 1 ? `, delivered ${deliveries.length} times` : ""
        }`,
      ],
      ...attachments.map(({ name, type, sizeBytes }) => /** @type {const} */ ([
        "Attachment",
        `${name ?? "(no name)"}, ${type}, ${formatSize(sizeBytes)}`,
      ])),
    ]),
    ...bodyView(mail),
    element(
      "details",
      {},
      element("summary", {}, `All ${mail.headers.length} headers`),
      facts(mail.headers.map(({ name, value }) => /** @type {const} */ ([name, value]))),
    ),
  ];
}

/** @param {readonly (readonly [string, string])[]} entries */
function facts(entries) {
  return element(
    "dl",
    { class: "headers" },
    ...entries.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value))
    ),
  );
}

/**
 * @param {ArchivedMail} mail
 * @returns {HTMLElement[]}
 */
function bodyView({ text, html }) {
  const plain = text
    ? element("pre", { tabindex: "0", "aria-label": "Text of the mail" }, text)
    : undefined;
  if (!html) return [plain ?? element("p", { class: "muted" }, "The mail has no text.")];
  const frame = element("iframe", {
    sandbox: "",
    title: "HTML of the mail, without scripts and remote content",
    referrerpolicy: "no-referrer",
  });
  frame.srcdoc = toSafeDocument(html);
  const note = element(
    "p",
    { class: "muted" },
    "HTML, without scripts, styles, links and everything remote",
  );
  if (plain === undefined) return [note, frame];
  return [
    plain,
    element("details", { class: "html" }, element("summary", {}, "HTML part"), note, frame),
  ];
}

/** @param {Party} party */
function partyText({ address, name }) {
  return name === "" ? address : `${name} <${address}>`;
}
