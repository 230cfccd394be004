import { deepEqual } from "node:assert/strict";
import { TestReport } from "./report.ts";

async function reportOf(...runs: readonly (readonly string[])[]): Promise<readonly string[]> {
  const printed: string[] = [];
  const report = new TestReport((text) => printed.push(text), () => {});
  for (const lines of runs) {
    await report.read(async function* () {
      yield* lines;
    }());
  }
  report.printSummary();
  return printed;
}

Deno.test("TestReport adds up the runs and says each reason to ignore tests once", async () => {
  deepEqual(
    await reportOf(
      [
        "./a_test.ts => works ... \x1b[32mok\x1b[0m (1ms)",
        "./a_test.ts => asks (real) (set TEST_AMQP_URL to run it) ... \x1b[33mignored\x1b[0m (0ms)",
        "./a_test.ts => tells (real) (set TEST_AMQP_URL to run it) ... ignored (0ms)",
        "",
        "\x1b[32mok\x1b[0m | 1 passed (3 steps) | 0 failed | 2 ignored (1s)",
      ],
      ["waits ... ok (2s)", "  a step ... ok (1s)", "ok | 1 passed (1 step) | 0 failed (2s)"],
    ),
    ["2 ignored: set TEST_AMQP_URL to run it", "2 passed, 0 failed, 2 skipped"],
  );
});

Deno.test("TestReport prints failures whole", async () => {
  deepEqual(
    await reportOf([
      "works ... ok (1ms)",
      "breaks ... FAILED (1ms)",
      "",
      " ERRORS ",
      "",
      "breaks => ./a_test.ts:1:1",
      "error: Error: x",
      "",
      "FAILED | 1 passed | 1 failed (2s)",
      "error: Test failed",
    ]),
    [
      " ERRORS ",
      "",
      "breaks => ./a_test.ts:1:1",
      "error: Error: x",
      "",
      "1 passed, 1 failed, 0 skipped",
    ],
  );
});

Deno.test("TestReport prints the last lines of a run that ends without a summary", async () => {
  deepEqual(await reportOf(["works ... ok (1ms)", "(uncaught error) Error: x"]), [
    "works ... ok (1ms)",
    "(uncaught error) Error: x",
    "0 passed, 0 failed, 0 skipped",
  ]);
});
