/**
 * The chaos suite, half a minute each, against the stand-ins and against a RabbitMQ and a database that it starts and kills.
 * `deno task test:chaos` runs it for longer, with any seed.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { hasTestPermissions, integrationTest } from "@playground/shared/testing";
import { chooseBacking, STAND_INS } from "../chaos/backing.ts";
import { faultName } from "../chaos/faults.ts";
import { type ChaosReport, describeReport, type PromiseName, PROMISES } from "../chaos/report.ts";
import { runChaos } from "../chaos/run.ts";

/** The same in every run, so that a failure can be looked into. */
const SEED = 20_261_164;
const DURATION_MS = 18_000;
const RATE_PER_SECOND = 20;
const TIMEOUT_MS = 420_000;

const PROMISE_NAMES = Object.keys(PROMISES) as PromiseName[];

const REAL = hasTestPermissions && Deno.env.has("TEST_AMQP_URL")
  ? await chooseBacking("own", Deno.env.toObject())
  : "set TEST_AMQP_URL to run it, and install RabbitMQ";

for (const [name, backing] of [["embedded", STAND_INS], ["real", REAL]] as const) {
  integrationTest(`chaos (${name}), seed ${SEED}`, async (context) => {
    ok(typeof backing === "object");
    const lines: string[] = [];
    const report = await runChaos({
      seed: SEED,
      durationMs: DURATION_MS,
      ratePerSecond: RATE_PER_SECOND,
      backing,
      print: (line) => console.log(line),
      onLine: (process, line) => lines.push(`${process}: ${line}`),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    console.log(`${backing.description}\n${describeReport(report)}`);
    tellMore(report, lines);
    await context.step(
      "every kind of process was killed, and failures were there to be seen",
      () => {
        const names = report.faults.map(faultName);
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
          ok(names.some((name) => name.startsWith(killed)), killed);
        }
        ok(report.ledger.accepted.size > 0);
        ok(typeof report.visibility === "object" && report.visibility.seen > 0);
      },
    );
    for (const promise of PROMISE_NAMES) {
      await context.step(PROMISES[promise], () => deepEqual(report.violations[promise], []));
    }
  }, typeof backing === "string" ? { ignoredBecause: backing } : {});
}

/** The log lines of the emails and processes in question. */
function tellMore({ violations }: ChaosReport, lines: readonly string[]): void {
  for (const detail of Object.values(violations).flat()) {
    const [id = detail] = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}/.exec(detail) ?? [];
    for (const line of lines) if (line.includes(id)) console.log(line);
  }
}
