/**
 * A journey that is played where no email is chosen: one that Mailtrap put off three times. Its times are those of a real one.
 *
 * @module
 * @import { EmailTrace, Row } from "./types.ts"
 */
import { arrivedDiagram, legsOf } from "./legs.js";

const [TRACE_ID, POLL_ID, EMAIL_ID] = ["example", "example-poll", "bfe60a16"];

/** What each span says besides its times. */
const REPLY = "451 4.3.0 Requested action aborted: local error in processing";

/**
 * @typedef {object} Facts
 * @property {string} [error]
 * @property {number} [attempt]
 * @property {{ fromUs: number, toUs: number }} [wait]
 * @property {Record<string, string>} [tags]
 */

/** @type {readonly [name: string, depth: number, service: string, fromUs: number, durationUs: number, facts?: Facts][]} */
const SPANS = [
  ["schedule-email", 0, "message-server", 0, 23_679, { tags: { "http.status_code": "202" } }],
  ["amqp-publish", 1, "message-server", 11_996, 10_188, { wait: { fromUs: 21_200, toUs: 22_184 } }],
  ["emailer", 2, "emailer", 21_862, 214_956, putOff(1)],
  ["send-email", 3, "emailer", 28_454, 201_233, putOff(1)],
  ["amqp-retry", 3, "emailer", 230_455, 1_006_850, held("1s", 234_698, 1_237_305)],
  ["emailer", 4, "emailer", 1_237_305, 16_714, putOff(2)],
  ["send-email", 5, "emailer", 1_239_477, 10_959, putOff(2)],
  ["amqp-retry", 5, "emailer", 1_250_527, 5_003_931, held("5s", 1_252_398, 6_254_458)],
  ["emailer", 6, "emailer", 6_254_458, 9_155, putOff(3)],
  ["send-email", 7, "emailer", 6_255_484, 3_732, putOff(3)],
  ["amqp-retry", 7, "emailer", 6_259_269, 30_003_168, held("30s", 6_263_350, 36_262_437)],
  ["emailer", 8, "emailer", 36_262_437, 12_908, {
    attempt: 4,
    tags: { attempt: "4", max_attempts: "6", outcome: "delivered" },
  }],
  ["send-email", 9, "emailer", 36_262_959, 12_103, {
    attempt: 4,
    tags: { "peer.service": "mailtrap", "smtp.reply_code": "250" },
  }],
  ["archive-email", 9, "mail-poller", 36_273_331, 3_470_068, {
    wait: { fromUs: 36_275_345, toUs: 39_719_274 },
  }],
  ["poll-email", 0, "mail-poller", 39_719_274, 27_018],
  ["fetch-inbox", 1, "mail-poller", 39_719_403, 2_657],
  ["fetch-message", 1, "mail-poller", 39_722_322, 2_835],
  ["store-message", 1, "mail-poller", 39_736_186, 7_193, { tags: { "db.system.name": "mongodb" } }],
  ["delete-message", 1, "mail-poller", 39_743_491, 1_841],
];

/**
 * An attempt that Mailtrap put off.
 *
 * @param {number} attempt
 * @returns {Facts}
 */
function putOff(attempt) {
  const tags = { attempt: String(attempt), max_attempts: "6", "smtp.reply_code": "451" };
  return { error: REPLY, attempt, tags };
}

/**
 * A wait in a retry queue.
 *
 * @param {string} delay
 * @param {number} fromUs
 * @param {number} toUs
 * @returns {Facts}
 */
function held(delay, fromUs, toUs) {
  return { wait: { fromUs, toUs }, tags: { "amqp.routing_key": `send-email.retry.${delay}` } };
}

/** @type {readonly Row[]} */
const ROWS = SPANS.map(([name, depth, service, fromUs, durationUs, facts = {}], index) => {
  const isPoll = index >= SPANS.findIndex(([first]) => first === "poll-email");
  return {
    key: `example/${index}`,
    traceId: isPoll ? POLL_ID : TRACE_ID,
    depth,
    name,
    services: [service],
    kinds: [],
    fromUs,
    durationUs,
    tags: {},
    logs: [],
    ...facts,
  };
});

/** The example. @type {EmailTrace} */
export const EXAMPLE = {
  traceId: TRACE_ID,
  emailId: EMAIL_ID,
  state: { name: "archived" },
  rows: ROWS,
  diagram: arrivedDiagram(legsOf(ROWS)),
  emails: [{
    traceId: TRACE_ID,
    emailId: EMAIL_ID,
    scheduledAt: "",
    synthetic: false,
    state: { name: "archived" },
    recipientDomain: "example.com",
  }],
};
