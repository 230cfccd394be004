import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import {
  type CommandResult,
  integrationTest,
  runDeno,
  temporaryFolder,
} from "@playground/shared/testing";
import { TARGET_NAMES } from "./targets.ts";

async function compile(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return await runDeno(["run", "-A", "tasks/compile/main.ts", ...args], { env: environment });
}

function compileTest(behaviour: string, test: (directory: string) => Promise<void>): void {
  integrationTest(`compile ${behaviour}`, async () => {
    await using folder = await temporaryFolder();
    await test(folder.path);
  });
}

/** A cache of Deno that has the packages and what else is named of what it downloads; never a base binary, in `dl/release`. */
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
  "--bundle writes one file for each target and tells how large it is",
  async (directory) => {
    // An image that has no list of its own names the option all the same.
    const empty = ["--allow-net=", "--allow-read="];
    const { code, stdout, stderr } = await compile(["--bundle", "--output", directory, ...empty]);
    equal(code, 0, stderr);
    const emailer = await Deno.readTextFile(join(directory, "emailer.js"));
    match(emailer, /^#!.*\n.* '--allow-net' (?!.*'--allow-read).*/);
    deepEqual(await namesIn(directory), TARGET_NAMES.map((name) => `${name}.js`).toSorted());
    for (const name of TARGET_NAMES) ok(stdout.includes(`${join(directory, name)}.js  `));
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
  const { what, bundler, sentence } of [
    {
      what: "the base binary",
      bundler: true,
      sentence:
        /^Cannot compile mail-poller: Deno's base binary could not be downloaded from https:\S+; connect .* DENORT_BIN .* --bundle$/m,
    },
    {
      what: "the bundler",
      bundler: false,
      sentence:
        /^Cannot bundle mail-poller: the bundler esbuild could not be downloaded from https:\S+; connect to the internet$/m,
    },
  ]
) {
  compileTest(`says in one sentence that ${what} cannot be downloaded`, async (directory) => {
    const { code, stderr } = await compile(["--output", join(directory, "out"), "mail-poller"], {
      DENO_DIR: await cacheWith(directory, { bundler }),
      // No way out: nothing listens there.
      HTTPS_PROXY: "http://127.0.0.1:9",
    });
    equal(code, 1);
    match(stderr, sentence);
    ok(!stderr.includes("backtrace"));
  });
}

compileTest(
  "--bundle makes a program that runs itself, with the permissions of the binary",
  async (directory) => {
    const args = ["--bundle", "--output", directory, "--allow-net=127.0.0.1:8081,[::1]:2525"];
    equal((await compile([...args, "--commit=0123abc", "emailer"])).code, 0);
    const program = join(directory, "emailer.js");
    ok((await Deno.readTextFile(program)).includes("'--allow-net=127.0.0.1:8081,[::1]:2525'"));
    const { code, stdout } = await new Deno.Command(program, {
      args: ["--version"],
      env: { PATH: `${dirname(Deno.execPath())}:/usr/bin:/bin` },
    }).output();
    equal(code, 0);
    match(new TextDecoder().decode(stdout), /^emailer \S+ \(commit 0123abc, /);
  },
);
