/**
 * The states of an email in words, with an icon and a tone: a colour never stands alone.
 *
 * @module
 * @import { EmailState } from "./types.ts"
 */
import { formatCountdown } from "./format.js";

/**
 * @typedef {object} StateWords
 * @property {"idle" | "active" | "waiting" | "done" | "failed"} tone The colour.
 * @property {string} icon One character.
 * @property {(nowMs: number) => string} titleAt Two or three words; `Retry 2 of 5 in 12 s` changes with the time.
 * @property {string} explanation What it means, or why it is so.
 * @property {boolean} isCounting Whether the title changes with the time.
 */

/**
 * Puts a state into words.
 *
 * @param {EmailState} state Where the email is.
 * @returns {StateWords} The words.
 */
export function describeState(state) {
  switch (state.name) {
    case "accepted":
      return words("active", "●", "Accepted", "RabbitMQ has it; waiting for the first spans");
    case "queued":
      return words("waiting", "◷", "Queued", "It waits in the queue for the emailer");
    case "sending":
      return words("active", "●", `Sending, attempt ${state.attempt}`, "The emailer has it");
    case "retrying":
      return {
        tone: "waiting",
        icon: "↻",
        titleAt: (nowMs) => retryTitle(state, nowMs),
        explanation: state.reason,
        isCounting: state.nextAttemptAt !== undefined,
      };
    case "delivered":
      return state.followed
        ? words("active", "●", "Delivered", "Mailtrap has it; it waits for the next poll")
        : words("done", "✓", "Delivered", "Its mail carries no trace: the rest cannot be seen");
    case "archived":
      return words("done", "✓", "Archived", "MongoDB has it");
    case "dead-lettered":
      return words("failed", "✗", "Dead-lettered", state.reason);
    case "refused":
      return words("failed", "✗", "Refused", state.reason);
  }
}

/**
 * @param {StateWords["tone"]} tone
 * @param {string} icon
 * @param {string} title
 * @param {string} explanation
 * @returns {StateWords}
 */
function words(tone, icon, title, explanation) {
  return { tone, icon, titleAt: () => title, explanation, isCounting: false };
}

/**
 * @param {Extract<EmailState, { name: "retrying" }>} state
 * @param {number} nowMs
 */
function retryTitle({ attempt, maxAttempts, nextAttemptAt }, nowMs) {
  // The first attempt is no retry.
  const count = maxAttempts === undefined ? "" : ` of ${maxAttempts - 1}`;
  const title = `Retry ${attempt}${count}`;
  if (nextAttemptAt === undefined) return title;
  const leftMs = Date.parse(nextAttemptAt) - nowMs;
  return leftMs > 0 ? `${title} in ${formatCountdown(leftMs)}` : `${title} is due`;
}
