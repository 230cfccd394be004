import { equal, match, ok } from "node:assert/strict";
import {
  deliveredCount,
  describeSummary,
  drawLiveView,
  exitCodeOf,
  type LoadSummary,
} from "./summary.ts";

/** 10 emails, 8 of them to be archived. */
function summary(changes: Partial<LoadSummary> = {}): LoadSummary {
  return {
    runId: "run",
    end: "complete",
    sendingMs: 2_000,
    accepted: 10,
    expected: { archived: 8, deadLettered: 2 },
    acceptedPerSecond: 5,
    failed: 0,
    failures: {},
    delivered: 8,
    archived: 8,
    deadLettered: 2,
    answerMs: { p50: 1, p90: 2, p99: 3, max: 4 },
    archivedMs: null,
    sampleSize: 0,
    slowestToArchive: [],
    problems: [],
    ...changes,
  };
}

for (
  const [accepted, archived, deadLettered, waiting, delivered] of [
    [10, 8, 2, 0, 8],
    [10, 0, 2, 3, 5],
    [10, 0, 0, 10, 0],
    // Somebody else's emails wait before ours.
    [10, 4, 2, 500, 4],
    [10, 0, 50, 0, 0],
    // The figures of the broker are unknown.
    [10, 8, undefined, undefined, undefined],
  ] as const
) {
  Deno.test(`deliveredCount() of ${accepted} with ${deadLettered} dead and ${waiting} waiting is ${delivered}`, () => {
    equal(deliveredCount(accepted, { archived, deadLettered, waiting }), delivered);
  });
}

for (
  const [code, what, changes, verdict] of [
    [0, "every email ended as expected", {}, /^Every accepted email ended as expected$/m],
    [0, "nothing shall be dead and nobody tells of dead letters", {
      expected: { archived: 10, deadLettered: 0 },
      archived: 10,
      deadLettered: null,
    }],
    [0, "an email without an answer was accepted all the same", { failed: 1, archived: 9 }],
    [0, "Ctrl-C came when all had ended", { end: "interrupted" }],
    [1, "nothing was accepted", {
      accepted: 0,
      expected: { archived: 0, deadLettered: 0 },
    }, /^No email was accepted$/m],
    [
      1,
      "a good email is a dead letter",
      { archived: 7, deadLettered: 3 },
      /ended otherwise than expected; deno task dead-letters --state \/srv\/other tells why$/,
    ],
    [3, "an email has not ended", { archived: 7, end: "timeout" }, /no more progress in time$/],
    [3, "Ctrl-C came before", { archived: 7, end: "interrupted" }, /^Stopped/m],
    [3, "nobody tells of the archive", { archived: null }, /is unknown whether/],
    [3, "nobody tells of the dead letters", { deadLettered: null }],
  ] as const satisfies readonly Readonly<[number, string, Partial<LoadSummary>, RegExp?]>[]
) {
  Deno.test(`exitCodeOf() is ${code}, and describeSummary() says so, when ${what}`, () => {
    equal(exitCodeOf(summary(changes)), code);
    if (verdict !== undefined) match(describeSummary(summary(changes), "/srv/other"), verdict);
  });
}

Deno.test("describeSummary() shows every figure and the verdict", () => {
  const text = describeSummary(
    summary({
      failed: 3,
      failures: { "HTTP 503: no\x1b[2J": 3 },
      archivedMs: { p50: 1_500, p90: 2_000, p99: 2_500, max: 3_000 },
      sampleSize: 8,
      slowestToArchive: [{
        durationMs: 3_000,
        traceUrl: "http://zipkin/1",
        pageUrl: "http://page/#1",
      }],
      problems: ["MONGODB_URL: down"],
    }),
    "/srv/other",
  );
  match(text, /^accepted +10 in 2\.00 s: 5 a second$/m);
  match(text, /^archived +8 of 8$/m);
  match(text, /^ +3 × HTTP 503: no \[2J$/m);
  match(text, /^to the archive +p50 1\.50 s .* max 3\.00 s {2}\(sample of 8\)$/m);
  match(text, /^ +3\.00 s {2}http:\/\/page\/#1$/m);
  match(text, /MONGODB_URL: down/);
  ok(text.endsWith("Every accepted email ended as expected"));
});

const LIVE = {
  plan: { count: 10 },
  tally: { accepted: 4, failed: 1 },
  figures: { archived: 2, deadLettered: undefined, waiting: 3 },
  sendingMs: 2_000,
  phase: "sending",
} as const;

Deno.test("drawLiveView() shows the part that was sent, then what has ended, within its width", () => {
  equal(
    drawLiveView(LIVE, 120),
    `${"━".repeat(15)}${"─".repeat(15)}  50 %  sending
accepted 4 (2 a second)  archived 2  dead-lettered ?  in queues 3  failed 1`,
  );
  match(drawLiveView({ ...LIVE, phase: "waiting for the emails" }, 120), / 50 % {2}waiting/);
  match(drawLiveView({ ...LIVE, plan: { durationMs: 8_000 } }, 120), / 25 %/);
  const lines = drawLiveView({ ...LIVE, plan: { count: 2 } }, 40).split("\n");
  ok(lines.every((line) => line.length <= 40));
  match(lines[0] ?? "", /100 %/);
});
