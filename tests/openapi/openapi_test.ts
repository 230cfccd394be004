/**
 * `/openapi.json` of a whole system, with and without a token: a lint of the document, and Schemathesis, which sends requests
 * within and outside the description, and checks each answer against it.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../shared/testing/run_program.ts";
import { type DevSystem, startDevSystem } from "../browser/testing/dev_system.ts";
import { cutStreams } from "./cut_streams.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TOKEN = "a-token-of-this-test";
const CASES = 5_000;
/** For each operation; those that take no input have no more than a few. */
const MAX_CASES_PER_OPERATION = 500;
/** The operations that schemathesis.toml disables. */
const LEFT_OUT = 2;
/** The same requests each time: new failures come from a change, not from chance. */
const SEED = 1;

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const { code, stdout, output } = await runProgram(program, args, { cwd, env });
  equal(code, 0, output);
  return stdout;
}

/** The linter runs as a program: as a library it would bring dozens of packages. */
async function assertFlawless({ pageUrl }: DevSystem, folder: string): Promise<void> {
  const file = join(folder, "openapi.json");
  const document = await (await fetch(new URL("openapi.json", pageUrl))).text();
  await Deno.writeTextFile(file, document);
  const linter = ["run", "-A", "@redocly/cli"];
  const output = await run(
    Deno.execPath(),
    [...linter, "lint", file, "--extends=recommended-strict", "--format=json"],
    HERE,
  );
  const { totals, problems } = JSON.parse(output.slice(0, output.lastIndexOf("}") + 1));
  equal(totals.errors + totals.warnings, 0, JSON.stringify(problems, null, 1));
}

async function assertAsDescribed(url: string, folder: string, token?: string): Promise<void> {
  const schemathesis = Deno.env.get("SCHEMATHESIS");
  ok(
    schemathesis,
    "Cannot test: the program of Schemathesis is not known; pip install schemathesis, and set SCHEMATHESIS to the path of its st",
  );
  const report = join(folder, "report.json");
  const output = await run(schemathesis, [
    `--config-file=${join(HERE, "schemathesis.toml")}`,
    "run",
    `${url}/openapi.json`,
    `--url=${url}`,
    ...(token === undefined ? [] : [`--header=Authorization: Bearer ${token}`]),
    "--checks=all",
    "--phases=examples,coverage,fuzzing",
    `--max-examples=${MAX_CASES_PER_OPERATION}`,
    `--seed=${SEED}`,
    // Not several: Python 3.11 cannot parse in two threads at once (https://github.com/python/cpython/issues/106905).
    "--workers=1",
    "--no-shrink",
    "--report=json",
    `--report-json-path=${report}`,
  ], folder);
  const { complete, operations, test_cases } = JSON.parse(await Deno.readTextFile(report));
  equal(complete, true, output);
  equal(operations.tested, operations.total - LEFT_OUT, output);
  ok(test_cases.generated >= CASES, output);
}

for (
  const [name, token] of [["without a token", undefined], ["with a token", TOKEN]] as const
) {
  Deno.test(`a message server ${name} is as /openapi.json describes it`, async (test) => {
    const folder = await Deno.makeTempDir();
    try {
      await using system = await startDevSystem(token === undefined ? {} : { API_TOKEN: token });
      await test.step("a linter has nothing to say about it", async () => {
        await assertFlawless(system, folder);
      });
      await test.step(`${CASES} generated requests are answered so`, async () => {
        await using way = await cutStreams(system.pageUrl);
        await assertAsDescribed(way.url, folder, token);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
