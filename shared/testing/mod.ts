/**
 * What the tests of several pieces share. A bare `deno test` runs without any permission: tests that need sockets,
 * files or processes are then ignored, and their names say which command runs them.
 *
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { startTestTracing } from "@playground/shared/testing";
 *
 * await using test = startTestTracing();
 * await test.tracing.inSpan("send-email", {}, (span) => {
 *   span.setAttribute("smtp.reply_code", 250);
 * });
 * equal(test.exporter.getSpan("send-email").attributes["smtp.reply_code"], 250);
 * ```
 *
 * @module
 */
export { telemetryFrom } from "./telemetry.ts";
export * from "./amqp_message.ts";
export * from "./conditions.ts";
export * from "./example_spans.ts";
export * from "./log.ts";
export * from "./run_deno.ts";
export * from "./spans.ts";
export * from "./temporary_folder.ts";

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

/** Set by `deno task test` while several files of tests run at once. */
export const SIDE_BY_SIDE = "TESTS_SIDE_BY_SIDE";

const isSideBySide = hasTestPermissions && Deno.env.has(SIDE_BY_SIDE);

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
  if (isSideBySide && ALONE_NAMES.test(name)) return;
  const hint = !hasTestPermissions
    ? ` ${RUN_HINT}`
    : options.ignoredBecause !== undefined
    ? ` (${options.ignoredBecause})`
    : "";
  Deno.test({ name: name + hint, ignore: hint !== "", fn: run });
}
