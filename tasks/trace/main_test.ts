import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import {
  EMAIL_TRACE,
  integrationTest,
  POLL_TRACE,
  runDeno,
  SKEWED_TRACE,
  temporaryFolder,
} from "@playground/shared/testing";

const trace = (args: readonly string[], cwd = ".") =>
  runDeno(["run", "-A", "tasks/trace/main.ts", ...args], {
    env: { INIT_CWD: cwd, COLUMNS: "100" },
  });

integrationTest("trace FILE draws the spans of a file, and writes them as JSON", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "a.json"), JSON.stringify([EMAIL_TRACE, POLL_TRACE]));
  const drawn = await trace(["a.json"], folder.path);
  equal(drawn.code, 0, drawn.output);
  match(drawn.output, /^schedule-email .*[\s\S]*^poll-email /m);
  deepEqual(JSON.parse((await trace(["a.json", "--json"], folder.path)).stdout), [
    ...EMAIL_TRACE,
    ...POLL_TRACE,
  ]);
});

integrationTest("trace FILE --compare FILE says what differs", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "a.json"), JSON.stringify(EMAIL_TRACE.slice(0, 5)));
  await Deno.writeTextFile(join(folder.path, "b.json"), JSON.stringify(EMAIL_TRACE));
  const { code, output } = await trace(["a.json", "--compare", "b.json"], folder.path);
  equal(code, 0, output);
  match(output, /^400 ms, 1\.40 s in the other; 1\.00 s faster\. Spans: 1 missing\.$/m);
  match(output, /^- +archive-email +1\.01 s +missing$/m);
  match(output, /^Critical paths: /m);
  equal((await trace(["a.json", "--compare", "b.json", "--json"], folder.path)).code, 2);
});

integrationTest("trace FILE says why it cannot show a file", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "bad.json"), JSON.stringify(SKEWED_TRACE[0]));
  const bad = await trace(["bad.json"], folder.path);
  equal(bad.code, 1);
  match(bad.output, /^Cannot show bad\.json: it is not a whole list of spans in JSON; give/);
  const none = await trace(["none.json"], folder.path);
  equal(none.code, 1);
  match(none.output, /^Cannot show none\.json: it is not a trace id, and not a file: /);
});
