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

const FILES = {
  "both.json": [EMAIL_TRACE, POLL_TRACE],
  "short.json": EMAIL_TRACE.slice(0, 5),
  "long.json": EMAIL_TRACE,
  "bad.json": SKEWED_TRACE[0],
  "empty.json": [],
};

/** Runs the command where these files are. */
async function trace(...args: readonly string[]) {
  await using folder = await temporaryFolder();
  for (const [name, spans] of Object.entries(FILES)) {
    await Deno.writeTextFile(join(folder.path, name), JSON.stringify(spans));
  }
  return await runDeno(["run", "-A", "tasks/trace/main.ts", ...args], {
    env: { INIT_CWD: folder.path, COLUMNS: "100" },
  });
}

integrationTest("trace FILE draws the spans of a file, and writes them as JSON", async () => {
  const drawn = await trace("both.json");
  equal(drawn.code, 0, drawn.output);
  match(drawn.output, /^schedule-email .*[\s\S]*^poll-email /m);
  const { stdout } = await trace("both.json", "--json");
  deepEqual(JSON.parse(stdout), [...EMAIL_TRACE, ...POLL_TRACE]);
});

integrationTest("trace FILE --compare FILE says what differs", async () => {
  const { code, output } = await trace("short.json", "--compare", "long.json");
  equal(code, 0, output);
  match(output, /^400 ms, 1\.40 s in the other; 1\.00 s faster\. Spans: 1 missing\.$/m);
  match(output, /^- +archive-email +1\.01 s +missing$/m);
  match(output, /^Critical paths: /m);
  equal((await trace("short.json", "--compare", "long.json", "--json")).code, 2);
});

for (
  const [name, problem] of [
    ["bad.json", /^Cannot show bad\.json: it is not a whole list of spans in JSON; give/],
    ["empty.json", /^Cannot show empty\.json: it has no spans; give/],
    ["none.json", /^Cannot show none\.json: it is not a trace id, and not a file: /],
  ] as const
) {
  integrationTest(`trace ${name} says why it cannot show it`, async () => {
    const { code, output } = await trace(name);
    equal(code, 1);
    match(output, problem);
  });
}
