/**
 * The states of an email in words, with an icon and a tone: a colour never stands alone.
 *
 * @import { EmailState, EmailTrace, Journeyed } from "./types.ts"
 * @import { IconName } from "./icons.js"
 */
import { countOf } from "./format.js";
import { AT, WAY } from "./parties.js";

/** @typedef {"done" | "wait" | "fail" | "now" | "idle"} Tone */
/** @typedef {{ tone: Tone, icon: IconName, title: string, explanation: string, reason?: string }} StateWords */

/** @param {EmailState} state @param {string} [delay] The whole wait for a retry: `30 s`. @returns {StateWords} */
export function describeState(state, delay) {
  switch (state.name) {
    case "accepted":
      return words("now", "now", "Accepted", "RabbitMQ has it. Waiting for the first spans.");
    case "queued":
      return words("wait", "wait", "Queued", "It waits in the queue for the emailer.");
    case "sending":
      return words("now", "now", `Sending, attempt ${state.attempt}`, "The emailer has it.");
    case "retrying": {
      const { attempt, maxAttempts, reason } = state;
      return words(
        "wait",
        "wait",
        `Waits ${delay === undefined ? "" : `${delay} `}before attempt ${attempt + 1}`,
        `Attempt ${attempt}${maxAttempts === undefined ? "" : ` of ${maxAttempts}`} failed`,
        reason,
      );
    }
    case "delivered":
      return state.followed
        ? words("now", "now", "Delivered", "Mailtrap has it. It waits for the next poll.")
        : words("done", "done", "Delivered", "Its mail carries no trace: the rest cannot be seen.");
    case "archived":
      return words("done", "done", "Archived", "MongoDB has it.");
    case "dead-lettered":
      return state.dropped
        ? words("fail", "dead", "Dead letter, dropped", "Nobody will send it again", state.reason)
        : words("fail", "dead", "Dead letter", "The emailer gave it up", state.reason);
    case "refused":
      return words("fail", "no", "Refused", "The message server did not take it", state.reason);
  }
}

/**
 * With later failures: a mail that cannot be fetched or stored is not simply "Delivered".
 *
 * @param {Pick<Journeyed, "state" | "diagram">} trace @param {string} [delay]
 */
export function describeTrace({ state, diagram }, delay) {
  if (state.name === "delivered") {
    const [poll, store] = [diagram.edges[WAY.poll], diagram.edges[WAY.store]];
    if (store?.state === "failed") {
      return notArchived("MongoDB did not take it; the next poll tries again", store.error);
    }
    if (poll?.state === "failed") {
      return notArchived("The last poll failed; the next one tries again", poll.error);
    }
    if (diagram.nodes[AT.archive]?.state === "active") {
      return words("now", "now", "Delivered", "The poller has fetched it.");
    }
  }
  return describeState(state, delay);
}

/** The state of a trace without an email. @param {Pick<EmailTrace, "rows" | "omittedSpanCount">} trace */
export function describeOtherTrace({ rows, omittedSpanCount = 0 }) {
  const services = [...new Set(rows.flatMap(({ services }) => services))];
  const spanCount = countOf(rows.length + omittedSpanCount, "span");
  const title = `A trace of ${spanCount} of ${countOf(services.length, "service")}`;
  return words("idle", "list", title, "No email is sent in it.");
}

/** @param {string} explanation @param {string | undefined} reason */
function notArchived(explanation, reason) {
  return words("fail", "wait", "Delivered, not archived", explanation, reason);
}

/** @param {Tone} tone @param {IconName} icon @param {string} title @param {string} explanation @param {string} [reason] */
function words(tone, icon, title, explanation, reason) {
  return { tone, icon, title, explanation, ...(reason && { reason }) };
}
