/**
 * The chaos suite, half a minute each against the stand-ins and against the real components. `deno task test:chaos` runs it for
 * longer, with any seed.
 *
 * @module
 */
import { deepEqual } from "node:assert/strict";
import { hasTestPermissions, integrationTest } from "@playground/shared/testing";
import { describeReport, REAL_VARIABLES, realComponents, runChaos } from "./chaos/mod.ts";

/** The same in every run, so that a failure can be looked into. */
const SEED = 20_261_125;
const DURATION_MS = 22_000;
const RATE_PER_SECOND = 30;
/** A run that hangs is ended. */
const TIMEOUT_MS = 240_000;

const real = realComponents(
  hasTestPermissions
    ? Object.fromEntries(REAL_VARIABLES.map((name) => [name, Deno.env.get(name)]))
    : {},
);

for (
  const { name, components, options } of [
    { name: "stand-ins", components: undefined, options: {} },
    {
      name: "real components",
      components: real.ok ? real.components : undefined,
      options: real.ok ? {} : { ignoredBecause: `set ${real.missing.join(", ")} to run it` },
    },
  ] as const
) {
  integrationTest(
    `chaos (${name}), seed ${SEED}: no accepted email is lost, none is archived twice`,
    async () => {
      const lines: string[] = [];
      const report = await runChaos({
        seed: SEED,
        durationMs: DURATION_MS,
        ratePerSecond: RATE_PER_SECOND,
        real: components,
        print: (line) => console.log(line),
        onLine: (name, line) => lines.push(`${name}: ${line}`),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      console.log(describeReport(report));
      // What the services said of the emails in question.
      for (const violation of report.violations) {
        const [id = violation] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(violation) ?? [];
        for (const line of lines) if (line.includes(id)) console.log(line);
      }
      deepEqual(report.violations, []);
    },
    options,
  );
}
