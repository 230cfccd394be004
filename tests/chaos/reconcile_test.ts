import { deepEqual, equal, match } from "node:assert/strict";
import type { DeadEmail } from "./queues.ts";
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

function findings(changes: Partial<Findings>): Findings {
  return {
    posted: new Map([
      ["a", "good"],
      ["b", "permanent bounce"],
      ["c", "temporary bounce"],
      ["unpromised", "good"],
    ]),
    accepted: new Set(["a", "b", "c"]),
    archived: [{ _id: "1", emailId: "a", deliveries: [{}] }],
    deadLetters: [
      deadLetter("b", "refused for good: 550 no such user", "550 no such user"),
      deadLetter("c", "gave up after 7 attempts: 451 come back later", "451 come back later"),
    ],
    faults: { redeliveries: 0, kinds: new Set() },
    ...changes,
  };
}

const archivedOnce = { _id: "1", emailId: "a", deliveries: [{}] };

Deno.test("reconcile() finds nothing wrong where every email is archived once or explained", () => {
  const result = reconcile(findings({}));
  deepEqual(result.violations, []);
  equal(result.archived, 1);
  deepEqual(Object.fromEntries(result.deadLettered), {
    "permanent bounce, 550, for good": 1,
    "temporary bounce, 451, again and again": 1,
  });
});

Deno.test("reconcile() takes a mail that came twice for one document", () => {
  const result = reconcile(findings({ archived: [{ ...archivedOnce, deliveries: [{}, {}] }] }));
  deepEqual(result.violations, []);
  deepEqual([result.delivered, result.duplicates], [2, 1]);
});

Deno.test("reconcile() lets an email be archived that was posted and not promised", () => {
  const unpromised = { _id: "2", emailId: "unpromised", deliveries: [{}] };
  const result = reconcile(findings({ archived: [archivedOnce, unpromised] }));
  deepEqual(result.violations, []);
  equal(result.archivedUnpromised, 1);
});

Deno.test("reconcile() lets an archived email be a dead letter as well", () => {
  const { deadLetters } = findings({});
  const dead = deadLetter("a", "gave up after 7 attempts: Connection closed unexpectedly");
  const result = reconcile(findings({ deadLetters: [...deadLetters, dead] }));
  deepEqual(result.violations, []);
  equal(result.both, 1);
});

for (
  const [what, changes, expected] of [
    ["a lost email", { archived: [] }, /^a, a good email, was accepted and is nowhere$/],
    [
      "an email with two documents",
      { archived: [archivedOnce, { ...archivedOnce, _id: "2" }] },
      /^a is in the archive 2 times$/,
    ],
    [
      "a document that is nobody's",
      { archived: [archivedOnce, { ...archivedOnce, _id: "2", emailId: null }] },
      /^the archive has 2 \(email null\), which nobody posted$/,
    ],
    [
      "an archived email that the mail server refuses",
      { archived: [archivedOnce, { ...archivedOnce, _id: "2", emailId: "b" }] },
      /^b, a permanent bounce, is in the archive$/,
    ],
    [
      "a dead letter that no fault explains",
      {
        deadLetters: [
          ...findings({}).deadLetters,
          deadLetter("a", "refused for good: 550 no such user", "550 no such user"),
        ],
      },
      /^a, a good email, is a dead letter, and no fault explains it: refused for good: 550 no such user$/,
    ],
    [
      "a dead letter that is nobody's",
      { deadLetters: [...findings({}).deadLetters, deadLetter("z", "refused for good: 550")] },
      /^z is a dead letter, and nobody posted it/,
    ],
  ] as const
) {
  Deno.test(`reconcile() finds ${what}`, () => {
    const { violations } = reconcile(findings(changes));
    equal(violations.length, 1);
    match(violations[0]?.detail ?? "", expected);
  });
}

const REPLY_451 = "451 come back later";
const FAULT_451 = "451 4.3.0 Requested action aborted: local error in processing";

for (
  const [kind, reason, lastReply, expected] of [
    ["good", "gave up after 7 attempts: Connection closed", undefined, "no way to the mail server"],
    [
      "good",
      "gave up after 7 attempts: connect ECONNREFUSED",
      undefined,
      "no way to the mail server",
    ],
    ["good", `gave up after 7 attempts: ${REPLY_451}`, REPLY_451, undefined],
    [
      "temporary bounce",
      `gave up after 7 attempts: ${REPLY_451}`,
      REPLY_451,
      "451, again and again",
    ],
    ["good", `gave up after 7 attempts: ${FAULT_451}`, FAULT_451, "smtp 451 at times"],
    [
      "good",
      "refused for good: 550 connection refused by policy",
      "550 connection refused",
      undefined,
    ],
    ["temporary bounce", "refused for good: 550 no such user", "550 no such user", undefined],
    ["permanent bounce", "refused for good: 550 no such user", "550 no such user", "550, for good"],
    ["good", "the message is not JSON in UTF-8", undefined, undefined],
  ] as const
) {
  Deno.test(`explainDeadLetter() of a ${kind} email: ${reason}`, () => {
    const faults = { redeliveries: 99, kinds: new Set(["smtp 451 at times"]) };
    equal(explainDeadLetter(kind, { reason, lastReply }, faults), expected);
  });
}

Deno.test("explainDeadLetter() takes no reply of a failure that was not injected for an explanation", () => {
  const dead = { reason: `gave up after 7 attempts: ${FAULT_451}`, lastReply: FAULT_451 };
  equal(explainDeadLetter("good", dead, { redeliveries: 0, kinds: new Set() }), undefined);
});

for (const [redeliveries, expected] of [[20, "delivery limit"], [19, undefined]] as const) {
  Deno.test(`explainDeadLetter() of a message that RabbitMQ gave up after ${redeliveries} redeliveries`, () => {
    const reason = "delivery_limit: RabbitMQ took it out of the queue send-email";
    const faults = { redeliveries, kinds: new Set<string>() };
    equal(explainDeadLetter("good", { reason, lastReply: undefined }, faults), expected);
  });
}
