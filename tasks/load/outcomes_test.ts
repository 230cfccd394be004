import { deepEqual, equal } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import { sleep } from "@playground/shared/time";
import { type OutcomeFigures, Outcomes, settle } from "./outcomes.ts";

const QUEUES = {
  estimate: () => Promise.resolve({ deadLettered: 5, waiting: 7 }),
  deadLettered: () => Promise.resolve(new Set(["dead-1", "dead-2"])),
};

Deno.test("exact() counts the run's own emails, and none that is dead as archived", async () => {
  const exact = (dead?: ReadonlySet<string>) => Promise.resolve(5 - (dead?.size ?? 0));
  const archive = { estimate: () => Promise.resolve(10), exact };
  const outcomes = new Outcomes({ archive, queues: QUEUES });
  await outcomes.estimate();
  deepEqual(outcomes.figures, { archived: 10, deadLettered: 5, waiting: 7 });
  await outcomes.exact();
  deepEqual(outcomes.figures, { archived: 3, deadLettered: 2, waiting: 7 });
});

Deno.test("estimate() keeps the last figure of a source that fails, and why until it answers again", async () => {
  const answers = [
    () => Promise.resolve(10),
    () => Promise.reject(new Error("down")),
    () => Promise.resolve(11),
  ];
  const estimate = () => answers.shift()?.() ?? Promise.resolve(0);
  const outcomes = new Outcomes({ archive: { estimate, exact: estimate } });
  for (const [archived, problems] of [[10, []], [10, ["down"]], [11, []]] as const) {
    await outcomes.estimate();
    // The lengths of the queues are unknown.
    deepEqual([outcomes.figures, outcomes.problems], [{ archived }, problems]);
  }
});

/** Waits for emails with these figures in turn; the last ones repeat. */
async function run(
  estimates: readonly OutcomeFigures[],
  { exact, sendingMs }: { readonly exact?: OutcomeFigures; readonly sendingMs?: number } = {},
) {
  using time = stopTime();
  const left = [...estimates];
  let figures: OutcomeFigures = {};
  let exactCount = 0;
  const settling = settle({
    tally: { expected: { archived: 8, deadLettered: 2 } },
    outcomes: {
      get figures() {
        return figures;
      },
      estimate: () => {
        figures = { ...figures, ...(left.length > 1 ? left.shift() : left[0]) };
        return Promise.resolve();
      },
      exact: () => {
        exactCount++;
        figures = { ...figures, ...exact };
        return Promise.resolve();
      },
    },
    sending: sendingMs === undefined ? Promise.resolve() : sleep(sendingMs),
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });
  const end = await time.passUntil(settling, 500);
  return { end, figures, exactCount, tookMs: performance.now() };
}

for (
  const [what, ...estimates] of [
    [
      "as many have ended as were accepted",
      { archived: 0, deadLettered: 0 },
      { archived: 7, deadLettered: 2 },
      { archived: 8, deadLettered: 2 },
    ],
    ["emails ended otherwise than expected", { archived: 5, deadLettered: 5 }],
    ["all have ended that can be told", { archived: 7 }, { archived: 8 }],
    ["nothing can be told", {}],
  ] as const
) {
  Deno.test(`settle() is complete once ${what}`, async () => {
    const { end, exactCount, tookMs } = await run(estimates);
    deepEqual([end, exactCount, tookMs], ["complete", 1, Math.max(0, estimates.length - 2) * 500]);
  });
}

Deno.test("settle() decides by the run's own emails, and counts them rarely", async () => {
  const { end, figures, exactCount } = await run(
    [{ archived: 80, deadLettered: 20 }],
    { exact: { archived: 3, deadLettered: 0 } },
  );
  deepEqual([end, exactCount], ["timeout", 2]);
  deepEqual([figures.archived, figures.deadLettered], [3, 0]);
});

Deno.test("settle() gives up when nothing more comes through, not before", async () => {
  const steps = [0, 1, 2, 3, 4].flatMap((archived) =>
    Array.from({ length: 8 }, () => ({ archived, deadLettered: 0 }))
  );
  const { end, tookMs } = await run(steps);
  equal(end, "timeout");
  // Four steps of four seconds, each shorter than the limit, and the limit from when the last one began. The end of the sending
  // cuts the first wait short, of half a second.
  equal(tookMs, 4 * 4_000 + 5_000 - 500);
});

Deno.test("settle() does not give up while emails are sent", async () => {
  const { end, tookMs } = await run([{ archived: 0, deadLettered: 0 }], { sendingMs: 60_000 });
  // The last look while they are sent is half a second before the end of the sending.
  deepEqual([end, tookMs], ["timeout", 60_000 - 500 + 5_000]);
});
