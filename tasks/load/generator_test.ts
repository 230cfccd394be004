import { deepEqual, equal, ok } from "node:assert/strict";
import { type EmailDocument, MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import { stopTime } from "@playground/shared/testing";
import { sleep } from "@playground/shared/time";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { emulatedBounce } from "../standins/mailtrap/bounce_emulator.ts";
import { createEmailMix, eachWhenDue, generateLoad, type LoadPlan } from "./generator.ts";
import { Tally } from "./tally.ts";
import { acceptedEmail } from "./testing.ts";

const NEVER = new AbortController().signal;

async function run(
  plan: Omit<LoadPlan, "badRatio" | "bodySizeBytes">,
  post: (document: EmailDocument) => Promise<PostResult>,
) {
  using time = stopTime();
  const tally = new Tally();
  const emailOf = createEmailMix("run", { badRatio: 0.5, bodySizeBytes: 1 });
  await time.passUntil(generateLoad({ plan, tally, signal: NEVER, emailOf, post }), 100);
  return { tally, tookMs: performance.now() };
}

const accept = (): Promise<PostResult> =>
  Promise.resolve({ status: "accepted", email: acceptedEmail(1) });

Deno.test("generateLoad() sends each email once, with no more open requests than it may", async () => {
  const subjects = new Set<string>();
  let open = 0;
  let most = 0;
  const { tally } = await run({ count: 50, concurrency: 7 }, async ({ subject }) => {
    subjects.add(subject);
    most = Math.max(most, ++open);
    await sleep(1);
    open--;
    return await accept();
  });
  deepEqual([subjects.size, most], [50, 7]);
  deepEqual([tally.accepted, tally.expected], [50, { archived: 25, deadLettered: 25 }]);
});

Deno.test("generateLoad() counts the time to the answer from when the email was due", async () => {
  const { tally } = await run(
    { count: 3, ratePerSecond: 10, concurrency: 1 },
    async () => {
      await sleep(1_000);
      return await accept();
    },
  );
  // Due at 0, 100 and 200, answered at 1000, 2000 and 3000.
  const { max = NaN } = tally.answerTimes.percentiles() ?? {};
  ok(Math.abs(max - 2_800) < 3);
});

Deno.test("generateLoad() does not hammer a server that is away", async () => {
  const { tally, tookMs } = await run(
    { count: 5, concurrency: 1 },
    () => Promise.resolve({ status: "unreachable", reason: "refused" }),
  );
  equal(tally.failed, 5);
  equal(tookMs, 500);
});

for (
  const [plan, times] of [
    [{ ratePerSecond: 4, count: 3 }, [0, 250, 500]],
    [{ count: 2 }, [0, 0]],
    [{ ratePerSecond: 2, durationMs: 1_000 }, [0, 500]],
    // Late, the emails do not outlast the duration.
    [{ durationMs: 10, ratePerSecond: 1_000, lateMs: 6 }, [0, 1]],
  ] as const
) {
  Deno.test(`eachWhenDue() has emails due at ${times} ms for ${JSON.stringify(plan)}`, async () => {
    using time = stopTime();
    const due: number[] = [];
    const sending = eachWhenDue({ concurrency: 1, ...plan }, async (index, dueAtMs) => {
      equal(index, due.length);
      due.push(dueAtMs);
      if ("lateMs" in plan) await sleep(plan.lateMs);
    }, NEVER);
    await time.passUntil(sending, 1);
    deepEqual(due, times);
  });
}

for (const bodySizeBytes of [1, 68, 1_000, MAX_BODY_BYTES]) {
  Deno.test(`createEmailMix() writes valid emails of ${bodySizeBytes} bytes`, () => {
    const { document } = createEmailMix("run", { badRatio: 0, bodySizeBytes })(0);
    deepEqual(parseEmailDocument(document), { ok: true, document });
    equal(new TextEncoder().encode(document.body).length, bodySizeBytes);
  });
}

for (const [badRatio, expected] of [[0, 0], [0.05, 5], [0.5, 50], [1, 100]] as const) {
  Deno.test(`createEmailMix() lets ${expected} of 100 emails bounce at a ratio of ${badRatio}`, () => {
    const emailOf = createEmailMix("run", { badRatio, bodySizeBytes: 1 });
    const emails = Array.from({ length: 100 }, (_, index) => emailOf(index));
    const bad = emails.filter(({ expected }) => expected === "deadLettered");
    equal(bad.length, expected);
    deepEqual(
      emails.filter(({ document }) => emulatedBounce(document.recipient.address)?.code === 550),
      bad,
    );
  });
}
