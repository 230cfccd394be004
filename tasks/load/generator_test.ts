import { deepEqual, equal } from "node:assert/strict";
import type { EmailDocument } from "@playground/shared/email";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { createEmailMix } from "./email_mix.ts";
import { generateLoad, type GeneratorOptions } from "./generator.ts";
import { Tally } from "./tally.ts";
import { acceptedEmail, FakeClock } from "./testing.ts";

/** Runs a plan against a server that answers as it is told. */
async function run(
  plan: GeneratorOptions["plan"],
  post: (document: EmailDocument, clock: FakeClock) => Promise<PostResult>,
  signal: AbortSignal = new AbortController().signal,
) {
  const tally = new Tally();
  const clock = new FakeClock();
  const sentAt: number[] = [];
  await generateLoad({
    plan,
    tally,
    signal,
    emailOf: createEmailMix("run", { badRatio: 0.5, bodySizeBytes: 1 }),
    now: clock.now,
    sleep: clock.sleep,
    post: (document) => {
      sentAt.push(clock.now());
      return post(document, clock);
    },
  });
  return { tally, clock, sentAt };
}

const accept = (): Promise<PostResult> =>
  Promise.resolve({ status: "accepted", email: acceptedEmail(1) });

Deno.test("generateLoad() sends each email of the plan once", async () => {
  const subjects = new Set<string>();
  const { tally } = await run({ count: 50, concurrency: 7 }, ({ subject }) => {
    subjects.add(subject);
    return accept();
  });
  equal(subjects.size, 50);
  deepEqual([tally.accepted, tally.expected], [50, { archived: 25, deadLettered: 25 }]);
});

Deno.test("generateLoad() waits for no more answers at once than it may", async () => {
  let open = 0;
  let most = 0;
  await run({ count: 50, concurrency: 7 }, async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve));
    open--;
    return await accept();
  });
  equal(most, 7);
});

Deno.test("generateLoad() keeps a steady rate", async () => {
  const { sentAt } = await run({ count: 5, ratePerSecond: 10, concurrency: 1 }, accept);
  deepEqual(sentAt, [0, 100, 200, 300, 400]);
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
