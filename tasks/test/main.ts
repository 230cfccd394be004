/**
 * `deno task test`: every test that needs nothing external, several files at once.
 *
 * Most tests wait for processes, so more files run at once than there are processors; the longest begin first. Tests that share a
 * real component, or measure time or memory, follow one after the other. Failures are printed whole, and each reason to ignore tests once. With arguments it
 * is `deno test` with the permissions and sanitizers of the suite. `deno task check:static` checks the types.
 *
 * ```sh
 * deno task test emailer/ --filter retry
 * ```
 *
 * @module
 */
import { ALONE_FILES_LIST, ALONE_NAMES } from "@playground/shared/testing";
import { linesOf } from "@playground/tasks/system";
import { TestReport } from "./report.ts";

const TEST = ["test", "-P=test", "--no-check", "--sanitize-ops", "--sanitize-resources"] as const;
const SYSTEM_TESTS = "tests/system";

if (Deno.args.length > 0) {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...TEST, ...Deno.args] })
    .spawn().status;
  Deno.exit(code);
}

const report = new TestReport(console.log, showProgress);
const jobs = Deno.env.get("DENO_JOBS") ?? String(2 * navigator.hardwareConcurrency + 2);
const aloneFilesList = await Deno.makeTempFile();
// These take longest and come first: at the end they would run alone.
const systemTests = Array.from(Deno.readDirSync(SYSTEM_TESTS), ({ name }) => name)
  .filter((name) => name.endsWith("_test.ts")).toSorted()
  .map((name) => `${SYSTEM_TESTS}/${name}`);
const codes = [
  await run(["--parallel", ...systemTests, "."], {
    DENO_JOBS: jobs,
    [ALONE_FILES_LIST]: aloneFilesList,
  }),
];
const aloneFiles = new Set((await Deno.readTextFile(aloneFilesList)).split("\n"));
await Deno.remove(aloneFilesList);
aloneFiles.delete("");
if (aloneFiles.size > 0) {
  const filter = `--filter=/${ALONE_NAMES.source}/`;
  codes.push(await run([filter, ...[...aloneFiles].toSorted()], { [ALONE_FILES_LIST]: "" }));
}
report.printSummary();
Deno.exit(codes.every((code) => code === 0) ? 0 : 1);

async function run(args: readonly string[], env: Record<string, string>): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...TEST, "--quiet", ...args],
    env,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  await report.read(linesOf(child.stdout));
  return (await child.status).code;
}

function showProgress(testCount: number): void {
  if (!Deno.stdout.isTerminal()) return;
  Deno.stdout.writeSync(new TextEncoder().encode(`\r${testCount} tests\r`));
}
