import { deepEqual, equal, match } from "node:assert/strict";
import { explainDeath, type Findings, reconcile } from "./reconcile.ts";

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
      { id: "b", reason: "550 no such user" },
      { id: "c", reason: "451 come back later" },
    ],
    redeliveries: 0,
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
  const dead = { id: "a", reason: "Connection closed unexpectedly" };
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
          { id: "a", reason: "550 no such user" },
        ],
      },
      /^a, a good email, is a dead letter, and no fault explains it: 550 no such user$/,
    ],
    [
      "a dead letter that is nobody's",
      { deadLetters: [...findings({}).deadLetters, { id: "z", reason: "550 no such user" }] },
      /^z is a dead letter, and nobody posted it/,
    ],
  ] as const
) {
  Deno.test(`reconcile() finds ${what}`, () => {
    const { violations } = reconcile(findings(changes));
    equal(violations.length, 1);
    match(violations[0] ?? "", expected);
  });
}

for (
  const [kind, reason, redeliveries, expected] of [
    ["good", "Connection closed unexpectedly", 0, "no way to the mail server"],
    ["good", "connect ECONNREFUSED 127.0.0.1:2525", 0, "no way to the mail server"],
    ["good", "delivery_limit: RabbitMQ took it out of the queue send-email", 20, "delivery limit"],
    ["good", "delivery_limit: RabbitMQ took it out of the queue send-email", 19, undefined],
    ["good", "451 come back later", 99, undefined],
    ["good", "550 connection refused by policy", 99, undefined],
    ["good", "the message is not JSON in UTF-8", 99, undefined],
    ["temporary bounce", "550 no such user", 99, undefined],
  ] as const
) {
  Deno.test(`explainDeath() of a ${kind} email, ${redeliveries} redeliveries: ${reason}`, () => {
    equal(explainDeath(kind, reason, redeliveries), expected);
  });
}
