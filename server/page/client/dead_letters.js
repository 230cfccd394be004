/**
 * The emails that could not be sent, by reason; they can be sent again or dropped. Other tabs may do so at the same time.
 *
 * @import { Answered } from "./answers.js"
 * @import { Answer, DeadLetterList, DeadLetterResult, EmailSummary } from "./types.ts"
 */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { json } from "./api.js";
import { Dialog } from "./controls.js";
import { hashOf } from "./email_list.js";
import { refresh, useAnswer } from "./answers.js";
import { countOf, formatTime } from "./format.js";
import { Icon } from "./icons.js";
import { api } from "./message_server.js";

/** Nobody scrolls through a longer list. */
const [MAX_REASONS, MAX_EMAILS] = [50, 100];

/** @typedef {"requeue" | "drop"} Action */
/** @typedef {DeadLetterList["reasons"][number]} Reason */

export function DeadLetters() {
  /** @type {Answered<DeadLetterList>} */
  const { body, problem } = useAnswer("/api/dead-letters");
  const [asked, ask] = useState(/** @type {readonly string[] | undefined} */ (undefined));
  const [said, say] = useState("");
  const [isBusy, setBusy] = useState(false);
  const act = async (/** @type {Action} */ action, /** @type {readonly string[]} */ emailIds) => {
    setBusy(true);
    say(action === "requeue" ? "Sending …" : "Dropping …");
    /** @type {Answer<{ results: readonly DeadLetterResult[] }>} */
    const answer = await api.call("/api/dead-letters", json("POST", { action, emailIds }));
    say(answer.ok ? describe(answer.body.results) : answer.problem.detail);
    setBusy(false);
    refresh();
  };
  const drop = (/** @type {readonly string[]} */ ids) => {
    ask(undefined);
    void act("drop", ids);
  };
  const { reasons = [] } = body ?? {};
  const count = body?.queueCount ?? tracedCountOf(reasons);
  return html`
    <section class="card" id="dead-letters" aria-labelledby="dead-letters-title">
      <header class="flow">
        <h2 id="dead-letters-title">Dead letters</h2>
        ${body && html`
          <span class="pill" data-tone=${count > 0 ? "fail" : "done"}>
            <${Icon} name=${count > 0 ? "dead" : "done"} />${count}
          </span>
        `}
      </header>
      <ol class="reasons">
        ${reasons.slice(0, MAX_REASONS).map((reason) =>
          html`
            <${ReasonRow} key=${reason.reason} reason=${reason} isBusy=${isBusy}
              onRequeue=${(/** @type {readonly string[]} */ ids) =>
                act("requeue", ids)} onDrop=${ask} />
          `
        )}
      </ol>
      ${reasons.length > MAX_REASONS && html`
        <p class="muted">And ${reasons.length - MAX_REASONS} more reasons.</p>
      `}
      <p class="muted" id="dead-letter-counts">${problem?.detail ?? (body && countsOf(body))}</p>
      <p id="dead-letter-status" role="status">${said}</p>
      ${asked &&
        html`<${DropDialog} emailIds=${asked} onDrop=${drop} onClose=${() => ask(undefined)} />`}
    </section>
  `;
}

/**
 * @param {{ reason: Reason, isBusy: boolean, onRequeue: (ids: readonly string[]) => void,
 *   onDrop: (ids: readonly string[]) => void }} props
 */
function ReasonRow({ reason: { reason, count, emails }, isBusy, onRequeue, onDrop }) {
  const [ticked, tick] = useState(/** @type {readonly string[]} */ ([]));
  const ids = emails.flatMap(({ emailId }) => emailId ?? []);
  const chosen = ids.filter((id) => ticked.includes(id));
  const wanted = chosen.length > 0 ? chosen : ids;
  const number = wanted.length === count ? "" : wanted.length;
  const toggle = (/** @type {string} */ id) =>
    tick(ticked.includes(id) ? ticked.filter((other) => other !== id) : [...ticked, id]);
  const isIdle = isBusy || ids.length === 0;
  return html`
    <li>
      <details>
        <summary><b>${count}</b> <bdi>${reason}</bdi></summary>
        <ul>
          ${emails.slice(0, MAX_EMAILS).map((email) =>
            html`
              <${EmailRow} key=${hashOf(email)} email=${email} onToggle=${toggle}
                isTicked=${chosen.includes(email.emailId ?? "")} />
            `
          )}
        </ul>
        ${count > MAX_EMAILS && html`<p class="muted">The oldest ${MAX_EMAILS} of ${count}.</p>`}
      </details>
      <button type="button" disabled=${isIdle} aria-label=${`Send ${number} again: ${reason}`}
        onClick=${() => onRequeue(wanted)}>Send ${number} again</button>
      <button type="button" class="bare" disabled=${isIdle} aria-label=${`Drop ${number} …: ${reason}`}
        onClick=${() => onDrop(wanted)}>Drop ${number} …</button>
    </li>
  `;
}

/** @param {{ email: EmailSummary, isTicked: boolean, onToggle: (id: string) => void }} props */
function EmailRow({ email, isTicked, onToggle }) {
  const { emailId = "", recipientDomain = "", scheduledAt } = email;
  return html`
    <li class="flow">
      <input type="checkbox" checked=${isTicked} aria-label=${`Choose ${emailId.slice(0, 8)}`}
        onChange=${() => onToggle(emailId)} />
      <a class="mono" href=${hashOf(email)}>${emailId.slice(0, 8)}</a>
      <bdi class="muted">${recipientDomain}</bdi>
      <time class="muted end" datetime=${scheduledAt}>${formatTime(scheduledAt)}</time>
    </li>
  `;
}

/** @param {{ emailIds: readonly string[], onDrop: (ids: readonly string[]) => void, onClose: () => void }} props */
function DropDialog({ emailIds, onDrop, onClose }) {
  return html`
    <${Dialog} aria-labelledby="drop-title" onClose=${onClose}>
      <form method="dialog">
        <h2 id="drop-title">Drop ${countOf(emailIds.length, "dead letter")}?</h2>
        <p>Nobody will get ${emailIds.length === 1
          ? "this email"
          : "these emails"}. The traces stay.</p>
        <footer class="flow">
          <button type="button" class="primary" onClick=${() =>
            onDrop(emailIds)}>Drop for good</button>
          <button>Keep</button>
        </footer>
      </form>
      <//>
  `;
}

/** @param {readonly DeadLetterResult[]} results */
function describe(results) {
  const byStatus = Map.groupBy(results, ({ status }) => status);
  const countOf = (/** @type {DeadLetterResult["status"]} */ status) =>
    byStatus.get(status)?.length ?? 0;
  const reason = byStatus.get("failed")?.[0]?.reason;
  return [
    countOf("requeued") > 0 && `${countOf("requeued")} sent again.`,
    countOf("dropped") > 0 && `${countOf("dropped")} dropped.`,
    countOf("gone") > 0 && `${countOf("gone")} no longer there: somebody was faster.`,
    reason && `${countOf("failed")} left as they are: ${reason}.`,
  ].filter(Boolean).join(" ");
}

/** @param {DeadLetterList} list */
function countsOf({ reasons, queueCount, untracedCount = 0, progress }) {
  const traced = tracedCountOf(reasons);
  if (!progress.isComplete) return "The traces are being read.";
  if (queueCount === undefined) return "RabbitMQ does not say how many there are.";
  if (queueCount === 0 && traced === 0) return "None. Every email was sent, or will be.";
  const missing = traced - queueCount;
  return [
    `The queue holds ${queueCount}.`,
    untracedCount > 0 &&
    `${untracedCount} of them ${
      untracedCount === 1 ? "has" : "have"
    } no trace; see deno task dead-letters.`,
    missing > 0 && `${missing} of those above ${missing === 1 ? "is" : "are"} no longer there.`,
  ].filter(Boolean).join(" ");
}

/** @param {readonly Reason[]} reasons */
function tracedCountOf(reasons) {
  return reasons.reduce((sum, { count }) => sum + count, 0);
}
