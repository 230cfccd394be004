/**
 * The states of an email in words, with an icon and a tone: a colour never stands alone.
 *
 * @module
 * @import { EmailState, EmailTrace } from "./types.ts"
 * @import { IconName } from "./icons.js"
 */
import { AT, WAY } from "./parties.js";

/**
 * @typedef {object} StateWords
 * @property {"done" | "wait" | "fail" | "now" | "idle"} tone The colour.
 * @property {IconName} icon The shape.
 * @property {string} title A few words.
 * @property {string} explanation What it means.
 * @property {string} [reason] The reason, as another party's text.
 */

/**
 * Puts a state into words.
 *
 * @param {EmailState} state Where the email is.
 * @param {string} [delay] The whole wait for a retry: `30 s`.
 * @returns {StateWords} The words.
 */
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
 * Puts an email's state into words, with later failures: a mail that cannot be fetched or stored is not simply "Delivered".
 *
 * @param {Pick<EmailTrace, "state" | "diagram">} trace The email.
 * @param {string} [delay] How long it waits for a retry in all.
 * @returns {StateWords} The words.
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

/**
 * @param {string} explanation
 * @param {string | undefined} reason
 */
function notArchived(explanation, reason) {
  return words("fail", "wait", "Delivered, not archived", explanation, reason);
}

/**
 * @param {StateWords["tone"]} tone
 * @param {IconName} icon
 * @param {string} title
 * @param {string} explanation
 * @param {string} [reason]
 * @returns {StateWords}
 */
function words(tone, icon, title, explanation, reason) {
  return { tone, icon, title, explanation, ...(reason && { reason }) };
}
