import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import { integrationTest, runDeno, temporaryFolder } from "@playground/shared/testing";
import { TARGET_NAMES } from "./build.ts";

const compile = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runDeno(["run", "-A", "tasks/compile/main.ts", ...args], { env });

function compileTest(behaviour: string, test: (directory: string) => Promise<void>): void {
  integrationTest(`compile ${behaviour}`, async () => {
    await using folder = await temporaryFolder();
    await test(folder.path);
  });
}

/** A Deno cache with the packages and the named downloads, but without a base binary (`dl/release`). */
async function cacheWith(directory: string, { bundler }: { bundler: boolean }): Promise<string> {
  const { denoDir } = JSON.parse((await runDeno(["info", "--json"])).stdout);
  const cache = join(directory, "cache");
  await Deno.mkdir(join(cache, "dl"), { recursive: true });
  await Deno.symlink(join(denoDir, "npm"), join(cache, "npm"));
  for (const name of await namesIn(join(denoDir, "dl"))) {
    if (bundler && name !== "release") {
      await Deno.symlink(join(denoDir, "dl", name), join(cache, "dl", name));
    }
  }
  return cache;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).toSorted();
}

compileTest(
  "--bundle makes a program of each target, with the permissions of the binary, and prints its size",
  async (directory) => {
    // An image without a list of its own still gives the option.
    const access = ["--allow-net=127.0.0.1:8081,[::1]:2525", "--allow-read="];
    const options = ["--bundle", "--output", directory, ...access, "--commit=0123abc"];
    const { code, stdout, stderr } = await compile(options);
    equal(code, 0, stderr);
    deepEqual(await namesIn(directory), TARGET_NAMES.map((name) => `${name}.js`).toSorted());
    for (const name of TARGET_NAMES) ok(stdout.includes(`${join(directory, name)}.js  `));
    const program = join(directory, "emailer.js");
    match(
      await Deno.readTextFile(program),
      /^#!.*\n.* '--allow-net=127\.0\.0\.1:8081,\[::1\]:2525' (?!.*'--allow-read).*/,
    );
    const run = await new Deno.Command(program, {
      args: ["--version"],
      env: { PATH: `${dirname(Deno.execPath())}:/usr/bin:/bin` },
    }).output();
    match(new TextDecoder().decode(run.stdout), /^emailer \S+ \(commit 0123abc, /);
  },
);

compileTest(
  "makes a binary from the bundle, around the base binary that DENORT_BIN names",
  async (directory) => {
    const { code, stderr } = await compile(
      ["--output", directory, "--allow-net=127.0.0.1:8081, [::1]:2525", "emailer"],
      { DENORT_BIN: await Deno.realPath(Deno.execPath()) },
    );
    equal(code, 0, stderr);
    deepEqual(await namesIn(directory), ["emailer"], "no bundle, which would have no permissions");
    const file = await Deno.stat(join(directory, "emailer"));
    ok(file.isFile && ((file.mode ?? 0) & 0o111) !== 0);
    // The permissions are in it, as they were given.
    const binary = new TextDecoder("latin1").decode(
      await Deno.readFile(join(directory, "emailer")),
    );
    match(binary, /"allow_net":\["127\.0\.0\.1:8081","\[::1\]:2525"\]/);
    match(binary, /"allow_read":null/);
  },
);

for (
  const [what, bundler, sentence] of [
    [
      "the base binary",
      true,
      /^Cannot compile mail-poller: Deno's base binary could not be downloaded from https:\S+; connect .* DENORT_BIN .* --bundle$/m,
    ],
    [
      "the bundler",
      false,
      /^Cannot bundle mail-poller: the bundler esbuild could not be downloaded from https:\S+; connect to the internet$/m,
    ],
  ] as const
) {
  compileTest(`says in one sentence that ${what} cannot be downloaded`, async (directory) => {
    const { code, stderr } = await compile(["--output", join(directory, "out"), "mail-poller"], {
      DENO_DIR: await cacheWith(directory, { bundler }),
      // Nothing listens there, so no download is possible.
      HTTPS_PROXY: "http://127.0.0.1:9",
    });
    equal(code, 1);
    match(stderr, sentence);
    ok(!stderr.includes("backtrace"));
  });
}
