/**
 * What tests of several modules share. A bare `deno test` runs without any permission: tests that need sockets, files or
 * processes are then ignored, and their names say which command runs them.
 *
 * Helpers that need the libraries of tracing and logging are in `telemetry.ts`: without these, a test starts in half the time.
 *
 * ```ts
 * import { serveLocally } from "@playground/shared/testing";
 *
 * await using server = serveLocally(() => new Response("Hello"));
 * console.log(await (await fetch(server.url)).text()); // Hello
 * ```
 *
 * @module
 */
export * from "./amqp_message.ts";
export * from "./conditions.ts";
export * from "./example_spans.ts";
export * from "./local_server.ts";
export * from "./run_program.ts";
export * from "./temporary_folder.ts";
export * from "./thread_time.ts";
export * from "./timers.ts";

/** The suffix of a test's name that lacks its permissions. */
const RUN_HINT = "(run: deno task test)";

const NEEDED: readonly Deno.PermissionDescriptor[] = [
  // The permission set allows only this machine.
  { name: "net", host: "127.0.0.1" },
  { name: "read" },
  { name: "write" },
  { name: "env" },
  { name: "run" },
];

/** True when this test run was started with the `test` permission set. */
export const hasTestPermissions: boolean = NEEDED.every((permission) =>
  Deno.permissions.querySync(permission).state === "granted"
);

/**
 * Matches tests that must not run beside others: those of a real component, which they share, and those that measure time or
 * memory. `deno task test` runs them one after the other, at the end.
 */
export const ALONE_NAMES: RegExp = /\((?:real\b[^)]*|alone)\)/;

/**
 * Set by `deno task test`: the file that collects the files with a test to run alone, while several files run at once; empty
 * while those tests run.
 */
export const ALONE_FILES_LIST = "TEST_ALONE_FILES_LIST";

const aloneFilesList = hasTestPermissions ? Deno.env.get(ALONE_FILES_LIST) : undefined;

interface IntegrationTestOptions {
  /** Why the test cannot run here; it is then ignored, and its name says why. */
  readonly ignoredBecause?: string;
}

/** Registers a test that needs sockets, files or processes. */
export function integrationTest(
  name: string,
  run: (context: Deno.TestContext) => Promise<void> | void,
  options: IntegrationTestOptions = {},
): void {
  const hint = !hasTestPermissions
    ? ` ${RUN_HINT}`
    : options.ignoredBecause !== undefined
    ? ` (${options.ignoredBecause})`
    : "";
  // An ignored test is already counted in the parallel run.
  if (aloneFilesList === "" && hint !== "") return;
  if (aloneFilesList && hint === "" && ALONE_NAMES.test(name)) {
    Deno.writeTextFileSync(aloneFilesList, `${Deno.mainModule}\n`, { append: true });
    return;
  }
  Deno.test({ name: name + hint, ignore: hint !== "", fn: run });
}
