/**
 * The chaos suite, half a minute each, against the stand-ins and against real components. `deno task test:chaos` runs it for
 * longer, with any seed.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { namedBacking, STAND_INS } from "../chaos/backing.ts";
import { type PromiseName, PROMISES } from "../chaos/promises.ts";
import { type ChaosReport, describeReport } from "../chaos/report.ts";
import { runChaos } from "../chaos/run.ts";
import { BACKINGS, realComponents } from "../fixture/real_components.ts";

/** The same in every run, so that a failure can be looked into. */
const SEED = 20_261_164;
const DURATION_MS = 18_000;
const RATE_PER_SECOND = 20;
const TIMEOUT_MS = 420_000;

const PROMISE_NAMES = Object.keys(PROMISES) as PromiseName[];

for (const { name, options } of BACKINGS) {
  integrationTest(`chaos (${name}), seed ${SEED}`, async (context) => {
    const lines: string[] = [];
    const real = realComponents(Deno.env.toObject());
    const report = await runChaos({
      seed: SEED,
      durationMs: DURATION_MS,
      ratePerSecond: RATE_PER_SECOND,
      backing: name === "real" && real.ok ? namedBacking(real.components) : STAND_INS,
      print: (line) => console.log(line),
      onLine: (process, line) => lines.push(`${process}: ${line}`),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    console.log(describeReport(report));
    tellMore(report, lines);
    await context.step(
      "every kind of process was killed, and failures were there to be seen",
      () => {
        const kinds = [...report.faultLog.figures.keys()];
        for (
          const killed of [
            "kill message-server",
            "kill emailer",
            "kill mail-poller",
            "restart broker",
            "restart database",
            "restart mailtrap",
          ]
        ) {
          ok(kinds.some((kind) => kind.startsWith(killed)), killed);
        }
        ok(report.ledger.accepted.size > 0);
        ok(report.visibility.status === "known" && report.visibility.seen > 0);
      },
    );
    for (const promise of PROMISE_NAMES) {
      await context.step(PROMISES[promise], () => {
        const broken = report.violations.filter((violation) => violation.promise === promise);
        deepEqual(broken.map(({ detail }) => detail), []);
      });
    }
  }, options);
}

/** What the processes said of the emails and processes in question. */
function tellMore({ violations }: ChaosReport, lines: readonly string[]): void {
  for (const { detail } of violations) {
    const [id = detail] = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}/.exec(detail) ?? [];
    for (const line of lines) if (line.includes(id)) console.log(line);
  }
}
