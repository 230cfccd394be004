/**
 * Each mystery is played on a running system: its trace proves the recorded answer, which solves it, and a wrong one does not.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import { compareTrace, type ExpectedTrace } from "@playground/shared/trace-assertion";
import { postedEmail } from "@playground/tasks/clients/message-server";
import { FAULT_NAMES, type FaultName } from "@playground/tasks/faults";
import { CASES, type MysteryCase } from "../../tasks/mystery/cases.ts";
import { mysteryClient } from "../../tasks/mystery/client.ts";
import { caseOf, hopOf, MAX_SEED } from "../../tasks/mystery/mystery.ts";
import { EMAIL } from "../fixture/emails.ts";
import { allEnded, takeSteps } from "../fixture/steps.ts";
import { runTask, TaskProcess } from "../fixture/task_process.ts";
import { startTestSystem, type TestSystem } from "../fixture/test_system.ts";

const failing = (name: string, error: RegExp): ExpectedTrace => ({ spans: [{ name, error }] });

/** The expected trace of each case, as its proof says. */
const PROOFS: Readonly<Partial<Record<FaultName, ExpectedTrace>>> = {
  "smtp.reply": { spans: [{ name: "send-email", error: /^451/ }, "amqp-retry"] },
  "smtp.recipient-reply": {
    spans: [{ name: "emailer", error: /550/, tags: { outcome: "dead-lettered" } }],
    absent: ["amqp-retry"],
  },
  "rabbitmq.slow-delivery": {
    spans: [{ name: "amqp-publish", kind: "CONSUMER", minDurationMs: 2_900 }],
    absent: [{ isFailed: true }],
  },
  "mongodb.delay": {
    spans: [{ name: "store-message", minDurationMs: 2_400 }, {
      name: "fetch-message",
      maxDurationMs: 2_000,
    }],
  },
  "rabbitmq.slow-confirm": {
    spans: [{ name: "amqp-publish", kind: "PRODUCER", minDurationMs: 1_900 }],
    absent: [{ isFailed: true }],
  },
  "mailtrap-api.delay": {
    spans: ["fetch-inbox", "fetch-message", "delete-message"].map((name) => ({
      name,
      minDurationMs: 1_400,
    })),
  },
  "smtp.drop-after-data": {
    spans: [{ name: "send-email", error: /./ }, {
      name: "archive-email",
      minCount: 2,
      sharedTag: "db.object_id",
    }],
  },
  "mailtrap-api.reply": failing("fetch-inbox", /429/),
  "rabbitmq.nack": failing("amqp-publish", /rejected/),
  "mongodb.error": failing("store-message", /OutOfDiskSpace|space/i),
  "rabbitmq.no-confirm": {
    spans: [
      { name: "amqp-publish", kind: "PRODUCER", error: /did not confirm/ },
      { name: "emailer", parent: "amqp-publish" },
    ],
  },
  "smtp.rate-limit": { spans: [{ name: "send-email", error: /too many emails/ }, "amqp-retry"] },
  "spans.lose": { spans: ["schedule-email", "archive-email"], absent: [{ service: "emailer" }] },
  "rabbitmq.trace-headers": { spans: [{ name: "emailer", parentId: null }] },
  "smtp.trace-headers": {
    spans: ["send-email", { name: "store-message", tags: { "origin.trace_id": null } }],
    absent: ["archive-email"],
  },
  "rabbitmq.return": failing("amqp-publish", /returned/),
  "smtp.monthly-limit": {
    spans: [{ name: "send-email", error: /Monthly messages limit/ }, {
      name: "emailer",
      error: /./,
      tags: { outcome: "requeued" },
    }],
  },
};

/** Faults of the login: the emailer pauses for longer than the next mystery waits. */
const LAST: FaultName = "smtp.monthly-limit";

integrationTest(
  "the trace proves each mystery, and naming its fault solves it",
  async (context) => {
    ok(CASES.length >= 10);
    const isLast = ({ fault }: MysteryCase) => Number(fault.name === LAST);
    const cases = CASES.toSorted((a, b) => isLast(a) - isLast(b));
    // Two systems: a mystery is mostly a wait.
    await allEnded([0, 1].map(async (half) => {
      await using test = await startTestSystem();
      const own = cases.filter((_, index) => index % 2 === half);
      const steps = own.map((one) => [one.fault.name, () => isSolved(one, test)] as const);
      await takeSteps(context, test, Object.fromEntries(steps));
    }));
  },
);

async function isSolved(mysteryCase: MysteryCase, test: TestSystem): Promise<void> {
  const { fault: { name }, difficulty } = mysteryCase;
  const proof = PROOFS[name];
  ok(proof);
  const mystery = mysteryClient(new URL(test.system.urls.faults ?? ""));
  const { story } = await mystery.begin(seedOf(mysteryCase), difficulty);
  equal(story, mysteryCase.story);
  await untilProved(test, proof);
  const wrong = FAULT_NAMES.find((other) => hopOf(other) !== hopOf(name)) ?? "";
  equal((await mystery.answer(hopOf(name), wrong)).state, "open");
  equal((await mystery.answer("emailer", "slow")).state, "open");
  const { state, score, solution } = await mystery.answer(hopOf(name), name);
  deepEqual([state, score, solution?.fault], ["solved", 70, name]);
}

/** The first seed with this case. To ask by beginning others would let their faults strike the emails of earlier steps. */
function seedOf(mysteryCase: MysteryCase): number {
  for (let seed = 0; seed <= MAX_SEED; seed++) {
    if (caseOf(seed, mysteryCase.difficulty, { has: () => true }) === mysteryCase) return seed;
  }
  throw new Error(`No seed begins: ${mysteryCase.story}`);
}

/** Sends emails, several at once since a fault may strike some of them, until the trace of one shows it. */
async function untilProved({ client }: TestSystem, proof: ExpectedTrace): Promise<void> {
  const posted = await Promise.all(Array.from({ length: 8 }, () => client.postEmail(EMAIL)));
  const emails = posted.flatMap((answer) => postedEmail(answer) ?? []);
  await waitFor("a trace shows it", async () => {
    const results = await Promise.all(
      emails.map(({ traceId, id }) => client.readTrace(traceId, id)),
    );
    return results.some((result) =>
      result.status === "found" && compareTrace(result.spans, proof).differences.length === 0
    );
  });
}

integrationTest(
  "mystery grades an answer given on the command line, on a system of its own",
  async () => {
    const { code, output } = await runTask("mystery", [
      "--own",
      "--seed=3",
      "--difficulty=easy",
      "--answer=mailtrap:smtp.reply",
    ]);
    match(output, /^Mystery 3 \(easy\)$/m);
    match(output, /^schedule-email /m);
    match(output, /^It is not there\..* 80 of 100\.$/m);
    equal(code, 1);
  },
);

integrationTest("mystery mends its fault when its terminal is closed", async () => {
  await using folder = await temporaryFolder();
  await using test = await startTestSystem({}, folder.path);
  const mysteryUrl = new URL("mystery", test.system.urls.faults);
  const state = async () => (await (await fetch(mysteryUrl)).json()).mystery?.state;
  await using mystery = new TaskProcess("mystery", ["--state", folder.path]);
  await waitFor("it has begun", () => /^Mystery \d+/.test(mystery.output));
  equal(await state(), "open");
  mystery.child.kill("SIGHUP");
  equal(await mystery.exitCode, 130, mystery.output);
  equal(await state(), "given-up");
}, { ...Deno.build.os === "windows" && { ignoredBecause: "Windows has no SIGHUP" } });
