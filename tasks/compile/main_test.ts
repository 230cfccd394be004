import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type CommandResult, integrationTest, runDeno } from "@playground/shared/testing";
import { TARGET_NAMES } from "./targets.ts";

async function compile(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return await runDeno(["run", "-A", "tasks/compile/main.ts", ...args], { env: environment });
}

/** Runs a test with a folder of its own. */
function withDirectory(test: (directory: string) => Promise<void>) {
  return async () => {
    const directory = await Deno.makeTempDir();
    try {
      await test(directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  };
}

/** A cache of Deno that has the packages and the bundler, but none of the base binaries in `dl/release`. */
async function cacheWithoutBaseBinary(directory: string): Promise<string> {
  const { denoDir } = JSON.parse((await runDeno(["info", "--json"])).stdout);
  const cache = join(directory, "cache");
  await Deno.mkdir(join(cache, "dl"), { recursive: true });
  await Deno.symlink(join(denoDir, "npm"), join(cache, "npm"));
  for (const name of await namesIn(join(denoDir, "dl"))) {
    if (name !== "release") {
      await Deno.symlink(join(denoDir, "dl", name), join(cache, "dl", name));
    }
  }
  return cache;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).toSorted();
}

integrationTest(
  "compile --bundle writes one file for each target and tells how large it is",
  withDirectory(async (directory) => {
    const { code, stdout, stderr } = await compile(["--bundle", "--output", directory]);
    equal(code, 0, stderr);
    deepEqual(await namesIn(directory), TARGET_NAMES.map((name) => `${name}.js`).toSorted());
    for (const name of TARGET_NAMES) ok(stdout.includes(`${join(directory, name)}.js  `));
  }),
);

integrationTest(
  "compile makes a binary from the bundle, around the base binary that DENORT_BIN names",
  withDirectory(async (directory) => {
    const { code, stderr } = await compile(
      ["--output", directory, "--allow-net=127.0.0.1:8081", "emailer"],
      { DENORT_BIN: await Deno.realPath(Deno.execPath()) },
    );
    equal(code, 0, stderr);
    const file = await Deno.stat(join(directory, "emailer"));
    ok(file.isFile && ((file.mode ?? 0) & 0o111) !== 0);
    // The permissions are in it, as they were given.
    const binary = new TextDecoder("latin1").decode(
      await Deno.readFile(join(directory, "emailer")),
    );
    match(binary, /"allow_net":\["127\.0\.0\.1:8081"\]/);
    match(binary, /"allow_read":null/);
  }),
);

integrationTest(
  "compile says what to do when the base binary cannot be downloaded",
  withDirectory(async (directory) => {
    const cache = await cacheWithoutBaseBinary(directory);
    const { code, stderr } = await compile(["--output", join(directory, "out"), "mail-poller"], {
      DENO_DIR: cache,
      // No way out: nothing listens there.
      HTTPS_PROXY: "http://127.0.0.1:9",
    });
    equal(code, 1);
    match(
      stderr,
      /^Cannot compile mail-poller: Deno's base binary could not be downloaded from https:.*; connect .* DENORT_BIN .* --bundle$/m,
    );
    ok(!stderr.includes("backtrace"));
  }),
);

integrationTest("compile refuses a name that it does not know", async () => {
  const { code, stderr } = await compile(["fax"]);
  equal(code, 2);
  match(
    stderr,
    /^Cannot understand the command: .*'fax'.*message-server, emailer.*; see deno task compile --help$/m,
  );
});

integrationTest("compile explains itself", async () => {
  const { code, stdout } = await compile(["--help"]);
  equal(code, 0);
  match(stdout, /Usage: deno task compile/);
});
