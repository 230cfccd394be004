import { deepEqual, equal } from "node:assert/strict";
import { type EmailDocument, MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { emulatedBounce } from "../standins/mailtrap/bounce_emulator.ts";
import { createEmailMix, generateLoad, type LoadPlan, Pacer } from "./generator.ts";
import { Tally } from "./tally.ts";
import { acceptedEmail, FakeClock } from "./testing.ts";

/** Runs a plan against a server that answers as it is told. */
async function run(
  plan: Omit<LoadPlan, "badRatio" | "bodySizeBytes">,
  post: (document: EmailDocument, clock: FakeClock) => Promise<PostResult>,
  signal: AbortSignal = new AbortController().signal,
) {
  const tally = new Tally();
  const clock = new FakeClock();
  await generateLoad({
    plan,
    tally,
    signal,
    emailOf: createEmailMix("run", { badRatio: 0.5, bodySizeBytes: 1 }),
    now: clock.now,
    sleep: clock.sleep,
    post: (document) => post(document, clock),
  });
  return { tally, clock };
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
    await new Promise((resolve) => setTimeout(resolve));
    open--;
    return await accept();
  });
  deepEqual([subjects.size, most], [50, 7]);
  deepEqual([tally.accepted, tally.expected], [50, { archived: 25, deadLettered: 25 }]);
});

Deno.test("generateLoad() counts the time to the answer from when the email was due", async () => {
  const { tally } = await run(
    { count: 3, ratePerSecond: 10, concurrency: 1 },
    async (_, clock) => {
      await clock.sleep(1_000);
      return await accept();
    },
  );
  // Due at 0, 100 and 200, answered at 1000, 2000 and 3000.
  equal(tally.answerTimes.percentiles()?.max, 2_800);
});

Deno.test("generateLoad() does not hammer a server that is away", async () => {
  const { tally, clock } = await run(
    { count: 5, concurrency: 1 },
    () => Promise.resolve({ status: "unreachable", reason: "refused" }),
  );
  equal(tally.failed, 5);
  equal(clock.now(), 500);
});

Deno.test("generateLoad() ends at an abort, once open requests are answered", async () => {
  const stop = new AbortController();
  const { tally } = await run({ count: 100, concurrency: 4 }, async () => {
    await new Promise((resolve) => setTimeout(resolve));
    stop.abort();
    return await accept();
  }, stop.signal);
  equal(tally.accepted, 4);
});

Deno.test("next() spreads a steady rate from the start on", () => {
  const pacer = new Pacer({ ratePerSecond: 4 }, 1_000);
  deepEqual([pacer.next(1_000), pacer.next(1_000), pacer.next(9_000)], [
    { index: 0, dueAtMs: 1_000 },
    { index: 1, dueAtMs: 1_250 },
    // Late, and due all the same.
    { index: 2, dueAtMs: 1_500 },
  ]);
});

for (
  const [plan, times, indices] of [
    [{ count: 2 }, [0, 0, 0], [0, 1, undefined]],
    [{ ratePerSecond: 2, durationMs: 1_000 }, [0, 0, 0], [0, 1, undefined]],
    // Late, the emails do not outlast the duration.
    [{ ratePerSecond: 100, durationMs: 1_000 }, [999, 1_000], [0, undefined]],
  ] as const
) {
  Deno.test(`next() ends with ${JSON.stringify(plan)}, asked at ${times} ms`, () => {
    const pacer = new Pacer(plan, 0);
    deepEqual(times.map((nowMs) => pacer.next(nowMs)?.index), indices);
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
