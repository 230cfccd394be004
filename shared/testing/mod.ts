/**
 * What the tests of several pieces share. A bare `deno test` runs without any permission: tests that need sockets,
 * files or processes are then ignored, and their names say which command runs them.
 *
 * What needs the libraries of tracing and logging is in `telemetry.ts`: a test that does without starts in half the time.
 *
 * @module
 */
export * from "./amqp_message.ts";
export * from "./conditions.ts";
export * from "./example_spans.ts";
export * from "./run_deno.ts";
export * from "./temporary_folder.ts";
export * from "./timers.ts";

/** How a test with permissions ends its name when it cannot run. */
const RUN_HINT = "(run: deno task test)";

const NEEDED: readonly Deno.PermissionDescriptor[] = [
  // The set allows this machine only.
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
 * The names of tests that must not run beside others: those of a real component, which they share, and those that measure time or
 * memory. `deno task test` runs them one after the other, at the end.
 */
export const ALONE_NAMES: RegExp = /\((?:real\b[^)]*|alone)\)/;

/**
 * Set by `deno task test`: the file that lists the files which have a test to run alone, while several files run at once; empty while
 * those tests run.
 */
export const ALONE_FILES_LIST = "TEST_ALONE_FILES_LIST";

const aloneFilesList = hasTestPermissions ? Deno.env.get(ALONE_FILES_LIST) : undefined;

interface IntegrationTestOptions {
  /** Why the test cannot run at all here; it is then ignored and its name says so. */
  readonly ignoredBecause?: string;
}

/** Registers a test that needs sockets, files or processes. */
export function integrationTest(
  name: string,
  run: (context: Deno.TestContext) => Promise<void>,
  options: IntegrationTestOptions = {},
): void {
  const hint = !hasTestPermissions
    ? ` ${RUN_HINT}`
    : options.ignoredBecause !== undefined
    ? ` (${options.ignoredBecause})`
    : "";
  // An ignored one was counted while others ran.
  if (aloneFilesList === "" && hint !== "") return;
  if (aloneFilesList && hint === "" && ALONE_NAMES.test(name)) {
    Deno.writeTextFileSync(aloneFilesList, `${Deno.mainModule}\n`, { append: true });
    return;
  }
  Deno.test({ name: name + hint, ignore: hint !== "", fn: run });
}
