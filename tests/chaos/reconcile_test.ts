import { deepEqual, equal, partialDeepStrictEqual } from "node:assert/strict";
import type { DeadEmail } from "./backend.ts";
import type { FaultRecord } from "./faults.ts";
import { explainDeadLetter, type Findings, reconcile, type Reconciliation } from "./reconcile.ts";

function deadLetter(id: string, reason: string, lastReply?: string): DeadEmail {
  const unknown = { traceId: undefined, deadAt: undefined, spanId: undefined };
  return { id, reason, lastReply, attempts: 1, ...unknown };
}

const REFUSED = "refused for good: 550 no such user";
const ARCHIVED = { _id: "1", emailId: "a", deliveries: [{}] };
const SECOND = { ...ARCHIVED, _id: "2" };
const DEAD = [
  deadLetter("b", REFUSED, "550 no such user"),
  deadLetter("c", "gave up after 7 attempts: 451 come back later", "451 come back later"),
];

/** `a`, `b` and `c` were promised. */
const FINDINGS: Findings = {
  posted: new Map([
    ["a", "good"],
    ["b", "permanent bounce"],
    ["c", "temporary bounce"],
    ["unpromised", "good"],
  ]),
  accepted: new Set(["a", "b", "c"]),
  archived: [ARCHIVED],
  deadLetters: DEAD,
  faults: [],
};
const EXPLAINED = {
  "dead letters": 2,
  "  permanent bounce, 550 no such user": 1,
  "  temporary bounce, 451 come back later": 1,
};

/** Only broken promises and foreign mails are listed. */
const ACCOUNTS: readonly (readonly [what: string, Partial<Findings>, Partial<Reconciliation>])[] = [
  ["every email is archived once or explained", {}, {
    figures: { archived: 1, "delivered to the inbox": 1, ...EXPLAINED },
  }],
  ["a mail came twice for one document", {
    archived: [{ ...ARCHIVED, deliveries: [{}, {}] }],
  }, { figures: { archived: 1, "delivered to the inbox": 2 } }],
  ["an email is archived that was posted and not promised", {
    archived: [ARCHIVED, { ...SECOND, emailId: "unpromised" }],
  }, { figures: { archived: 1, "archived without a promise": 1 } }],
  ["an archived email is a dead letter as well", {
    deadLetters: [...DEAD, deadLetter("a", "gave up after 7 attempts: Connection closed")],
  }, { figures: { archived: 1, "archived, and dead as well": 1, ...EXPLAINED } }],
  ["an email is nowhere", { archived: [] }, {
    figures: { lost: 1 },
    broken: ["a, a good email, was accepted and is nowhere"],
  }],
  ["an email is archived twice", { archived: [ARCHIVED, SECOND] }, {
    figures: { "archived twice": 1 },
    broken: ["a is in the archive 2 times"],
  }],
  ["a bounce is archived", { archived: [ARCHIVED, { ...SECOND, emailId: "b" }] }, {
    broken: ["b, a permanent bounce, is in the archive"],
  }],
  ["no fault explains a dead letter", {
    deadLetters: [...DEAD, deadLetter("a", REFUSED, "550 no such user")],
  }, {
    broken: [`a, a good email, is a dead letter, and no fault explains it: ${REFUSED}`],
  }],
  ["a mail is nobody's", { archived: [ARCHIVED, { ...SECOND, emailId: null }] }, {
    foreign: ["the archive has 2 (email null), which nobody posted"],
  }],
  ["a dead letter is nobody's", { deadLetters: [...DEAD, deadLetter("z", REFUSED)] }, {
    foreign: [`z is a dead letter, and nobody posted it: ${REFUSED}`],
  }],
];

for (const [what, changes, { broken = [], foreign = [], figures }] of ACCOUNTS) {
  Deno.test(`reconcile() accounts for the emails where ${what}`, () => {
    const result = reconcile({ ...FINDINGS, ...changes });
    deepEqual([result.broken, result.foreign], [broken, foreign]);
    partialDeepStrictEqual(result.figures, { lost: 0, "archived twice": 0, ...figures });
  });
}

const GAVE_UP = "gave up after 7 attempts: ";
const NO_WAY = "no way to the mail server";
const LATER = "451 come back later";
const NO_USER = "550 no such user";
const POLICY = "550 connection refused by policy";
const FAULT = "451 4.3.0 Requested action aborted: local error in processing";

const FAULTS: readonly FaultRecord[] = [
  { kind: "mailtrap", target: "451", reply: /^451 4\.3\.0 /, fromMs: 0, toMs: 1 },
];

for (
  const [kind, reason, lastReply, expected, faults = FAULTS] of [
    ["good", `${GAVE_UP}Connection closed`, undefined, NO_WAY],
    ["good", `${GAVE_UP}connect ECONNREFUSED`, undefined, NO_WAY],
    ["good", `${GAVE_UP}something else`, undefined, undefined],
    ["good", `${GAVE_UP}${LATER}`, LATER, undefined],
    ["temporary bounce", `${GAVE_UP}${LATER}`, LATER, LATER],
    ["temporary bounce", `${GAVE_UP}451 another`, "451 another", undefined],
    ["temporary bounce", `refused for good: ${NO_USER}`, NO_USER, undefined],
    ["permanent bounce", `refused for good: ${NO_USER}`, NO_USER, NO_USER],
    ["good", `${GAVE_UP}${FAULT}`, FAULT, "mailtrap 451"],
    ["good", `${GAVE_UP}${FAULT}`, FAULT, undefined, []],
    ["good", `refused for good: ${FAULT}`, FAULT, undefined],
    ["good", `refused for good: ${POLICY}`, POLICY, undefined],
    ["good", "the message is no email but says connection", undefined, undefined],
    ["good", "delivery_limit: RabbitMQ took it out of the queue", undefined, undefined],
  ] as const
) {
  const among = `${faults.length} faults of the mail server`;
  Deno.test(`explainDeadLetter() of a ${kind} email, after ${among}: ${reason}`, () => {
    equal(explainDeadLetter(kind, { reason, lastReply }, faults), expected);
  });
}
