import { deepEqual, equal, partialDeepStrictEqual } from "node:assert/strict";
import type { DeadEmail } from "./backend.ts";
import type { FaultFacts, FaultRecord } from "./faults.ts";
import { explainDeadLetter, type Findings, reconcile } from "./reconcile.ts";

function deadLetter(id: string, reason: string, lastReply?: string): DeadEmail {
  return {
    id,
    reason,
    lastReply,
    attempts: 1,
    traceId: undefined,
    deadAt: undefined,
    spanId: undefined,
  };
}

const ARCHIVED = { _id: "1", emailId: "a", deliveries: [{}] };
const SECOND = { ...ARCHIVED, _id: "2" };
const DEAD = [
  deadLetter("b", "refused for good: 550 no such user", "550 no such user"),
  deadLetter("c", "gave up after 7 attempts: 451 come back later", "451 come back later"),
];
const REFUSED = "refused for good: 550 no such user";

/** `a`, `b` and `c` were promised. */
function reconciled(changes: Partial<Findings>) {
  return reconcile({
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
    ...changes,
  });
}

for (
  const [what, changes, figures] of [
    ["every email is archived once or explained", {}, { archived: 1, delivered: 1, lost: 0 }],
    [
      "a mail came twice for one document",
      { archived: [{ ...ARCHIVED, deliveries: [{}, {}] }] },
      { archived: 1, delivered: 2 },
    ],
    [
      "an email is archived that was posted and not promised",
      { archived: [ARCHIVED, { ...SECOND, emailId: "unpromised" }] },
      { archived: 1, archivedUnpromised: 1 },
    ],
    [
      "an archived email is a dead letter as well",
      { deadLetters: [...DEAD, deadLetter("a", "gave up after 7 attempts: Connection closed")] },
      { archived: 1, both: 1 },
    ],
  ] as const
) {
  Deno.test(`reconcile() finds nothing wrong where ${what}`, () => {
    const result = reconciled(changes);
    deepEqual([result.broken, result.foreign], [[], []]);
    partialDeepStrictEqual(result, figures);
    deepEqual(Object.fromEntries(result.deadLettered), {
      "permanent bounce, 550 no such user": 1,
      "temporary bounce, 451 come back later": 1,
    });
  });
}

for (
  const [expected, changes] of [
    ["a, a good email, was accepted and is nowhere", { archived: [] }],
    ["a is in the archive 2 times", { archived: [ARCHIVED, SECOND] }],
    ["b, a permanent bounce, is in the archive", {
      archived: [ARCHIVED, { ...SECOND, emailId: "b" }],
    }],
    [
      `a, a good email, is a dead letter, and no fault explains it: ${REFUSED}`,
      { deadLetters: [...DEAD, deadLetter("a", REFUSED, "550 no such user")] },
    ],
  ] as const
) {
  Deno.test(`reconcile() finds: ${expected}`, () => {
    const { broken, foreign } = reconciled(changes);
    deepEqual([broken, foreign], [[expected], []]);
  });
}

for (
  const [expected, changes] of [
    [
      "the archive has 2 (email null), which nobody posted",
      { archived: [ARCHIVED, { ...SECOND, emailId: null }] },
    ],
    [
      `z is a dead letter, and nobody posted it: ${REFUSED}`,
      { deadLetters: [...DEAD, deadLetter("z", REFUSED)] },
    ],
  ] as const
) {
  Deno.test(`reconcile() finds what is nobody's: ${expected}`, () => {
    const { broken, foreign } = reconciled(changes);
    deepEqual([broken, foreign], [[], [expected]]);
  });
}

const GAVE_UP = "gave up after 7 attempts: ";
const NO_WAY = "no way to the mail server";
const LATER = "451 come back later";
const NO_USER = "550 no such user";
const POLICY = "550 connection refused by policy";
const FAULT = "451 4.3.0 Requested action aborted: local error in processing";

function recordOf(fault: FaultFacts): FaultRecord {
  return { fault, fromMs: 0, toMs: 1 };
}

const FAULTS = [recordOf({ kind: "mailtrap", target: "451", reply: /^451 4\.3\.0 / })];

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
  ] as const
) {
  const among = `${faults.length} faults of the mail server`;
  Deno.test(`explainDeadLetter() of a ${kind} email, after ${among}: ${reason}`, () => {
    equal(explainDeadLetter(kind, { reason, lastReply }, faults), expected);
  });
}

for (const [redeliveries, expected] of [[20, "delivery limit"], [19, undefined]] as const) {
  Deno.test(`explainDeadLetter() of a message that RabbitMQ gave up after ${redeliveries} redeliveries`, () => {
    const reason = "delivery_limit: RabbitMQ took it out of the queue send-email";
    const faults: readonly FaultFacts[] = [
      { kind: "kill", target: "mail-poller 1" },
      { kind: "delay", target: "emailer to broker" },
      { kind: "cut", target: "emailer to broker" },
      ...Array.from(
        { length: redeliveries - 1 },
        () => ({ kind: "kill", target: "emailer 2" }) as const,
      ),
    ];
    const dead = { reason, lastReply: undefined };
    equal(explainDeadLetter("good", dead, faults.map(recordOf)), expected);
  });
}
